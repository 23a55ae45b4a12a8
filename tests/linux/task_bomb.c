/* SPDX-License-Identifier: MIT */
/*
 * A fork bomb: every task forks as long as it can. Sooner or later fork says
 * EAGAIN or ENOMEM, or the kernel ends some of the tasks for want of memory;
 * when all have given up and ended, the first one forks again and goes on. Who
 * is refused stays until all are, since the place that it leaves would be taken
 * at once and there would be no end; but not for ever, because one that the
 * kernel has ended is never refused.
 *
 * run: guest -m 128M -a lowmem=32M seconds=10
 */
#include "oracle.h"
#include <sys/mman.h>

struct count {
    volatile int tasks, refused;
};

int main(void)
{
    int error, status, i;
    pid_t top = getpid(), child;
    struct count *count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (count == MAP_FAILED)
        return 1;
    count->tasks = 1;
    for (;;) {
        __sync_fetch_and_add(&count->tasks, 1);
        child = fork();
        if (child < 0)
            break;
    }
    error = errno;
    __sync_fetch_and_add(&count->refused, 1);
    __sync_fetch_and_sub(&count->tasks, 1);
    if (getpid() != top) {
        for (i = 0; i < 100 && count->refused < count->tasks; i++)
            usleep(50000);
        _exit(0);
    }
    while (waitpid(-1, &status, 0) > 0)
        continue;
    printf("fork failed: %s\n",
           error == EAGAIN || error == ENOMEM ? "as it must" : "BAD");
    child = fork();
    if (child == 0)
        _exit(42);
    if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 42)
        return 1;
    printf("and works again\n");
    return error != EAGAIN && error != ENOMEM;
}
