/* SPDX-License-Identifier: MIT */
/*
 * A child that touches more memory than there is: it is ended, with a line in
 * the kernel's log, or its mmap says ENOMEM; its parent goes on and can use
 * the memory again.
 *
 * run: guest -m 64M -a lowmem=16M seconds=5
 * run: guest -m 256M seconds=5
 * run: guest -m 96M -a swap=48M seconds=5
 * run: guest -c 1 -m 96M -a "swap=48M lowmem=24M" seconds=5
 */
#include "oracle.h"
#include <sys/mman.h>

#define CHUNK (1u << 20)

static void *more(void)
{
    return mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int main(void)
{
    int status;

    for (int round = 0; round < 3; round++) {
        pid_t child = fork();
        for (void *at; child == 0; memset(at, 1, CHUNK))
            if ((at = more()) == MAP_FAILED)
                _exit(errno == ENOMEM ? 0 : 1);
        waitpid(child, &status, 0);
        printf("the hog: %s\n", WIFSIGNALED(status) && WTERMSIG(status) == 9
                                    ? "killed"
                                : status == 0 ? "ENOMEM"
                                              : "BAD");
        if (WIFSIGNALED(status) ? WTERMSIG(status) != 9 : status != 0)
            return 1;
    }
    for (int i = 0; i < 16; i++) {
        void *at = more();
        if (at == MAP_FAILED)
            return 2;
        memset(at, 1, CHUNK);
    }
    printf("16 MiB for the parent\n");
    return 0;
}
