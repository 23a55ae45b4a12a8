/* SPDX-License-Identifier: MIT */
/*
 * The status of a group is what its last thread ended with, though its leader
 * ended before. And a child without an exit signal is an ordinary child to the
 * one who adopts it, living or a zombie.
 */
#include "oracle.h"

#include <sys/prctl.h>

#define THREAD (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES)

static int exits_later(void *argument)
{
    sleep_ms(20);
    return (int)(intptr_t)argument;
}

static int ends_group_later(void *argument)
{
    sleep_ms(20);
    return (int)call(__NR_exit_group, argument);
}

static int killed_later(void *argument)
{
    sleep_ms(20);
    return (int)call(__NR_kill, call(__NR_getpid), argument);
}

/* The leader exits with 5 while a thread goes on. */
static void leader_first(const char *what, int (*start)(void *), int number)
{
    long pid = call(__NR_fork);

    if (pid == 0) {
        start_task(THREAD, start, (void *)(intptr_t)number);
        call(__NR_exit, 5);
    }
    say_status(what, wait_for(pid));
}

static int short_lived(void *argument)
{
    sleep_ms((long)(intptr_t)argument);
    return 0;
}

/* Makes children that nobody is told of, ends after the first, not the other.
 */
static int makes_silent_children(void *argument)
{
    volatile int *tid = argument;

    tid[0] = (int)start_task(0, short_lived, NULL);
    tid[1] = (int)start_task(0, short_lived, (void *)40);
    sleep_ms(10);
    return 0;
}

int main(void)
{
    volatile int *tid = shared_page();
    int status = -1;

    leader_first("thread exits with 7", exits_later, 7);
    leader_first("thread ends all with 8", ends_group_later, 8);
    leader_first("killed", killed_later, SIGKILL);

    prctl(PR_SET_CHILD_SUBREAPER, 1); /* or we are the first task */
    in_child("parent of silent children", makes_silent_children, (void *)tid);
    check("zombie is waited for",
          call(__NR_wait4, tid[0], &status, 0, 0) == tid[0]);
    check("and the other", call(__NR_wait4, tid[1], &status, 0, 0) == tid[1]);
    expect("no more", call(__NR_wait4, -1, &status, __WALL, 0), -ECHILD);
    return 0;
}
