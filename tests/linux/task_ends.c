/* SPDX-License-Identifier: MIT */
/*
 * Ends of tasks and of what they share, all at once: groups of threads that
 * are born and end without pause while one of them runs another program, or a
 * child made by vfork does, or the whole group is killed; and a task outside
 * reads their memory all the time, so that it may be the last to let go of it.
 *
 * run: -c 4 -m 128M -a "lowmem=16M swap=16M"
 * run: -c 1 -m 64M
 * run: -c 8 -m 64M build=debug
 * run: guest -c 4 -m 64M -a "lowmem=16M pt=kmap kmap=global kstack=ukva"
 * run: guest -c 4 -m 64M -a "lowmem=16M pt=ukva kmap=atomic kstack=lowmem"
 */
#include "oracle.h"
#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define ROUNDS  24
#define THREADS 6

static volatile int ended, mark = 0x1234;
static int kind; /* how this group comes to its end */

static void *nothing(void *argument)
{
    __sync_fetch_and_add(&ended, 1);
    return argument;
}

/* Threads that come and go, for ever. */
static void *breed(void *argument)
{
    for (;;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, nothing, NULL) == 0)
            pthread_join(thread, NULL);
    }
    return argument;
}

static int run_self(void *argument)
{
    static char *const argv[] = {"self", "end", NULL};

    call(__NR_execve, "/proc/self/exe", argv, NULL);
    return argument != NULL ? 98 : 99;
}

static void *finish(void *argument)
{
    while (ended < 4)
        sched_yield();
    if (kind == 0)
        run_self(NULL);
    if (kind == 1)
        call(__NR_exit_group, 33);
    if (kind == 2)
        call(__NR_kill, getpid(), SIGKILL);
    int pid = vfork();
    if (pid == 0)
        _exit(run_self(NULL));
    int status = 0;
    waitpid(pid, &status, 0);
    call(__NR_exit_group, WEXITSTATUS(status));
    return argument;
}

static __attribute__((noreturn)) void group(void)
{
    pthread_t thread;

    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread, NULL, i ? breed : finish, NULL);
    for (;;)
        sched_yield();
}

/* Read the group's memory until it is gone; its status. */
static int watch(int pid)
{
    int seen, status = -1, gone;
    struct iovec here = {&seen, sizeof(seen)};
    struct iovec there = {(void *)&mark, sizeof(mark)};

    while ((gone = waitpid(pid, &status, WNOHANG)) == 0) {
        seen = 0;
        if (process_vm_readv(pid, &here, 1, &there, 1, 0) == sizeof(seen) &&
            seen != 0x1234)
            return -2;
    }
    return gone == pid ? status : -3;
}

int main(int argc, char **argv)
{
    static const int expected[] = {33 << 8, 33 << 8, SIGKILL, 33 << 8};
    int right = 0;

    if (argc > 1 && strcmp(argv[1], "end") == 0)
        return 33;
    for (int i = 0; i < ROUNDS; i++) {
        kind = i % 4;
        int pid = fork();
        if (pid == 0)
            group();
        int status = watch(pid);
        right += status == expected[kind];
        if (status != expected[kind])
            printf("round %d: status %x\n", i, status);
    }
    printf("%d groups ended as they should\n", right);
    return right != ROUNDS;
}
