/* SPDX-License-Identifier: MIT */
/*
 * The status of a process is the one that exit_group() was given, even if a
 * thread that began to end before, with another status, is the last to go: it
 * has cleared its word and stands in the kernel still.
 *
 * run: seconds=5
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 500
#define THREAD                                                          \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
     CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID)

static uint8_t stack[8192] __attribute__((aligned(16)));
static volatile int running = 1;

/* clone() ends it with what is returned. */
static int be_thread(void *argument)
{
    (void)argument;
    return 3;
}

int main(void)
{
    int wrong = 0;

    for (int round = 0; round < ROUNDS; round++) {
        pid_t child = fork();
        int status = 0;
        if (child == 0) {
            clone(be_thread, stack + sizeof(stack), THREAD, NULL, NULL, NULL,
                  &running);
            while (running)
                sched_yield();
            _exit(7);
        }
        waitpid(child, &status, 0);
        wrong += !WIFEXITED(status) || WEXITSTATUS(status) != 7;
    }
    printf("%d of %d wrong\n", wrong, ROUNDS);
    return 0;
}
