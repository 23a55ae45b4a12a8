/* SPDX-License-Identifier: MIT */
/*
 * A fork bomb: every task forks as long as it can. Sooner or later fork says
 * EAGAIN or ENOMEM, or the kernel ends some of the tasks for want of memory;
 * when all have given up and ended, the first one forks again and goes on.
 *
 * run: guest -m 128M -a lowmem=32M seconds=10
 */
#include "oracle.h"
#include <sys/mman.h>

int main(void)
{
    int error, status;
    pid_t top = getpid(), child;

    for (;;) {
        child = fork();
        if (child < 0)
            break;
    }
    error = errno;
    if (getpid() != top) {
        usleep(200000); /* so that others see how many we are */
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
