/* SPDX-License-Identifier: MIT */
/*
 * Which calls go on after a handler: with SA_RESTART wait4, waitid and a
 * futex wait do; pause, nanosleep, sigsuspend and sigtimedwait never do; a
 * signal without a handler restarts all. The interrupted nanosleep tells what
 * is left, and a futex wait with a time keeps its end.
 */
#include "oracle.h"

static volatile int calls;
static long child;
static volatile int *word;
static long limit_ms;

static void handler(int number)
{
    (void)number;
    calls++;
}

/* Signals come meanwhile; then the child ends and wakes the futex. */
static int leave(void *argument)
{
    sleep_ms(30);
    *word = 1;
    call(__NR_futex, word, FUTEX_WAKE, 100);
    return argument != NULL;
}

static long blocking(int which)
{
    struct timespec time = {0, limit_ms * 1000000}, left = {9, 9};
    sigset_t set;
    long result;

    sigemptyset(&set);
    switch (which) {
    case 0:
        result = call(__NR_wait4, child, NULL, __WALL, 0);
        return result == child ? 0 : result;
    case 1:
        return call(__NR_waitid, P_PID, child, NULL, WEXITED | WNOWAIT, 0);
    case 2:
        return call(__NR_futex, word, FUTEX_WAIT, 0, NULL);
    case 3:
        return call(__NR_futex, word, FUTEX_WAIT, 0, &time);
    case 4:
        return call(__NR_futex, word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 1);
    case 5:
        result = call(__NR_nanosleep, &time, &left);
        if (result == -EINTR)
            check("  left is plausible",
                  left.tv_sec == 0 && left.tv_nsec < limit_ms * 1000000);
        return result;
    case 6:
        return call(__NR_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL);
    case 7:
        return call(__NR_rt_sigtimedwait, &set, NULL, &time, 8);
    }
    return 0;
}

static void try(int which, const char *name, void (*function)(int), int flags)
{
    struct sigaction action = {.sa_handler = function, .sa_flags = flags};
    /* Again and again: the first may come before the call has begun. */
    struct itimerval timer = {{0, 10000}, {0, 10000}}, none = {{0, 0}, {0, 0}};
    char text[16];
    long result;

    calls = 0;
    limit_ms = function == handler ? 500 : 25;
    *word = 0;
    sigaction(SIGALRM, &action, NULL);
    child = start_task(SIGCHLD, leave, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    result = blocking(which);
    setitimer(ITIMER_REAL, &none, NULL);
    if (result == -EAGAIN && *word)
        result = 0; /* the child was quicker than we: nothing to wait for */
    say("%s: %s, %s", name, result_text(result, text),
        calls ? "handled" : "not handled");
    call(__NR_kill, child, SIGKILL);
    wait_for(child);
}

int main(void)
{
    static const char *const names[] = {
        "wait4",
        "waitid",
        "futex wait",
        "futex wait with a time",
        "futex wait bitset",
        "nanosleep",
        "clock_nanosleep",
        "sigtimedwait",
    };

    word = shared_page();
    for (int i = 0; i < (int)COUNT(names); i++)
        try(i, names[i], handler, SA_RESTART);
    say("without SA_RESTART:");
    for (int i = 0; i < (int)COUNT(names); i++)
        try(i, names[i], handler, 0);
    say("ignored:");
    for (int i = 0; i < (int)COUNT(names); i++)
        try(i, names[i], SIG_IGN, 0);
    return 0;
}
