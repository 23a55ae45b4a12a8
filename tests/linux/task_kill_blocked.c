/* SPDX-License-Identifier: MIT */
/*
 * A task that waits, in whatever call, is ended by a signal at once: on a
 * futex, in nanosleep, in wait4, in pause, in sigsuspend, in sigtimedwait, as
 * a vfork's parent, and one that spins or yields; and so is one whose signals
 * are all blocked, by SIGKILL.
 */
#include "oracle.h"

static volatile int *ready;

static int forever(void *argument)
{
    for (;;)
        sleep_ms(10000);
    return argument != NULL;
}

static int blocked(void *argument)
{
    static const sigset_t none;
    int word = 0;
    sigset_t all;

    *ready = 1;
    switch ((intptr_t)argument) {
    case 0:
        call(__NR_futex, &word, FUTEX_WAIT, 0, 0);
        break;
    case 1:
        forever(NULL);
        break;
    case 2:
        if (call(__NR_fork) == 0) {
            sleep_ms(200);
            call(__NR_exit, 0);
        }
        call(__NR_wait4, -1, NULL, 0, 0);
        break;
    case 3:
        call(__NR_pause);
        break;
    case 4:
        call(__NR_rt_sigsuspend, &none, 8);
        break;
    case 5:
        call(__NR_rt_sigtimedwait, &none, NULL, NULL, 8);
        break;
    case 6:
        if (call(__NR_vfork) == 0) {
            sleep_ms(200);
            call(__NR_exit, 0);
        }
        break;
    case 7:
        for (volatile int i = 0;; i++)
            ;
    case 8:
        for (;;)
            call(__NR_sched_yield);
    case 9:
        memset(&all, 0xff, sizeof(all));
        call(__NR_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8);
        forever(NULL);
    }
    return 1;
}

int main(void)
{
    static const char *const names[] = {
        "futex",        "nanosleep", "wait4", "pause", "sigsuspend",
        "sigtimedwait", "vfork",     "spin",  "yield", "all blocked",
    };

    ready = shared_page();
    for (size_t i = 0; i < COUNT(names); i++) {
        for (int j = 0; j < 2; j++) {
            int number = j == 0 ? SIGKILL : SIGTERM;
            long pid;

            /* Neither a vfork's parent nor that mask heeds SIGTERM. */
            if (number == SIGTERM && (i == 6 || i == 9))
                continue;
            *ready = 0;
            pid = start_task(SIGCHLD, blocked, (void *)i);
            wait_until(ready, 1);
            sleep_ms(5);
            call(__NR_kill, pid, number);
            say_status(names[i], wait_for(pid));
        }
    }
    return 0;
}
