/* SPDX-License-Identifier: MIT */
/*
 * Where clone stores numbers it asks for the same rights as the program has:
 * a word that reaches into a page of a file, mapped shared and for reading
 * only, leaves that file as it was.
 */
#include "oracle.h"

static int nothing(void *argument)
{
    (void)argument;
    return 0;
}

int main(void)
{
    int file = open("/proc/self/exe", O_RDONLY);
    char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char before[16], after[16];

    check("mapped", mmap(two + 4096, 4096, PROT_READ, MAP_SHARED | MAP_FIXED,
                         file, 0) == two + 4096);
    pread(file, before, sizeof(before), 0);
    for (int in_first = 1; in_first < 4; in_first++) {
        long pid = oracle_clone(CLONE_CHILD_SETTID | SIGCHLD, NULL, NULL, NULL,
                                two + 4096 - in_first, nothing, NULL);
        say_status("child", wait_for(pid));
        pread(file, after, sizeof(after), 0);
        check("file as it was", memcmp(before, after, sizeof(before)) == 0);
    }
    return 0;
}
