/* SPDX-License-Identifier: MIT */
/*
 * A signal that comes while its task is going to sleep: one-shot alarms that
 * ring sooner and later around the start of a futex wait. Each ends the wait
 * with EINTR, and its handler has run when the call returns. An interval saves
 * the waits whose alarm was too early.
 * run: -c 1
 */
#include "oracle.h"

#define ROUNDS 1500

static volatile int calls;

static void handler(int number)
{
    (void)number;
    calls++;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    int word = 0, other = 0, late = 0;

    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        struct itimerval timer = {{0, 1000}, {0, 1 + i % 50}};
        struct itimerval never = {{0, 0}, {0, 0}};
        int before = calls;

        call(__NR_setitimer, ITIMER_REAL, &timer, NULL);
        other += call(__NR_futex, &word, FUTEX_WAIT, 0, NULL) != -EINTR;
        late += calls == before;
        call(__NR_setitimer, ITIMER_REAL, &never, NULL);
    }
    expect("results other than EINTR", other, 0);
    expect("returns without the handler", late, 0);
    return 0;
}
