/* SPDX-License-Identifier: MIT */
/*
 * How a thread group ends: exit ends one task, exit_group all of them, be
 * they running, asleep or waiting; the group's status is that of exit_group,
 * or of its leader, and the parent hears of it only when the last one is gone.
 */
#include "oracle.h"

#define THREAD_FLAGS \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

static int futex_word;

static int spin(void *argument)
{
    for (volatile int i = 0;; i++)
        ;
    return argument != NULL;
}

static int on_futex(void *argument)
{
    call(__NR_futex, &futex_word, FUTEX_WAIT, 0, 0);
    return argument != NULL;
}

static int on_child(void *argument)
{
    long tid = call(__NR_fork);

    if (tid == 0) {
        sleep_ms(30);
        call(__NR_exit, 0);
    }
    call(__NR_wait4, -1, NULL, __WALL, 0);
    for (;;)
        sleep_ms(1000);
    return argument != NULL;
}

static int in_sleep(void *argument)
{
    sleep_ms(100000);
    return argument != NULL;
}

static void crowd(void)
{
    start_task(THREAD_FLAGS, spin, NULL);
    start_task(THREAD_FLAGS, on_futex, NULL);
    start_task(THREAD_FLAGS, in_sleep, NULL);
    start_task(THREAD_FLAGS, on_child, NULL);
    sleep_ms(5);
}

static int leader_ends_all(void *argument)
{
    crowd();
    call(__NR_exit_group, (intptr_t)argument);
    return 0;
}

static int end_all(void *argument)
{
    sleep_ms(5);
    call(__NR_exit_group, (intptr_t)argument);
    return 0;
}

static int thread_ends_all(void *argument)
{
    crowd();
    start_task(THREAD_FLAGS, end_all, argument);
    sleep_ms(100000);
    return 0;
}

static int leader_ends_first(void *argument)
{
    start_task(THREAD_FLAGS, end_all, argument);
    call(__NR_exit, 9);
    return 0;
}

/* A thread that only exits: the leader's own status counts. */
static int short_thread(void *argument)
{
    sleep_ms(20);
    return (int)(intptr_t)argument;
}

static int leader_exits_then_thread(void *argument)
{
    start_task(THREAD_FLAGS, short_thread, argument);
    call(__NR_exit, 9);
    return 0;
}

static int segv(void *argument)
{
    sleep_ms(5);
    *(volatile int *)BAD = 0;
    return argument != NULL;
}

static int thread_faults(void *argument)
{
    crowd();
    start_task(THREAD_FLAGS, segv, NULL);
    return in_sleep(argument);
}

/* The leader ended, a thread lives: no status yet, and it takes signals. */
static void dead_leader(void)
{
    long pid = call(__NR_fork);
    int status = 0;

    if (pid == 0) {
        start_task(THREAD_FLAGS, in_sleep, NULL);
        call(__NR_exit, 9);
    }
    sleep_ms(10);
    expect("leader ended, thread lives: WNOHANG",
           call(__NR_wait4, pid, &status, WNOHANG, 0), 0);
    expect("  kill 0", call(__NR_kill, pid, 0), 0);
    expect("  kill SIGTERM", call(__NR_kill, pid, SIGTERM), 0);
    say_status("  status", wait_for(pid));
    expect("  kill 0 afterwards", call(__NR_kill, pid, 0), -ESRCH);
}

int main(void)
{
    in_child("leader calls exit_group", leader_ends_all, (void *)11);
    in_child("exit_group(256 + 3)", leader_ends_all, (void *)259);
    in_child("thread calls exit_group", thread_ends_all, (void *)12);
    in_child("leader exited, thread calls exit_group", leader_ends_first,
             (void *)13);
    in_child("leader exited with 9, thread exits with 14",
             leader_exits_then_thread, (void *)14);
    in_child("a thread faults", thread_faults, NULL);
    dead_leader();
    return 0;
}
