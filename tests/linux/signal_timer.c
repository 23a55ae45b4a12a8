/* SPDX-License-Identifier: MIT */
/*
 * alarm, setitimer and getitimer with ITIMER_REAL: what was left, once and
 * again and again, turned off, errors, and that a child starts without while
 * execve would keep it.
 */
#include "oracle.h"

static volatile int calls;

static void handler(int number)
{
    (void)number;
    calls++;
}

static struct itimerval timer(long first_ms, long interval_ms)
{
    struct itimerval value = {
        {interval_ms / 1000, interval_ms % 1000 * 1000},
        {first_ms / 1000, first_ms % 1000 * 1000},
    };

    return value;
}

static int child(void *argument)
{
    struct itimerval value;

    (void)argument;
    getitimer(ITIMER_REAL, &value);
    return value.it_value.tv_sec || value.it_value.tv_usec ||
           value.it_interval.tv_sec;
}

static void periodic(void)
{
    struct itimerval value = timer(2, 2), old;

    calls = 0;
    setitimer(ITIMER_REAL, &value, NULL);
    while (calls < 5)
        ;
    value = timer(0, 7);
    expect("turned off", setitimer(ITIMER_REAL, &value, &old), 0);
    expect("  its interval", old.it_interval.tv_usec, 2000);
    getitimer(ITIMER_REAL, &value);
    check("  now all zero", !value.it_value.tv_sec && !value.it_value.tv_usec);
    calls = 0;
    sleep_ms(10);
    expect("  no more calls", calls, 0);
}

static void errors(void)
{
    struct itimerval value = timer(1, 1);
    long zero[4] = {0, 0, 0, 0}, negative[4] = {0, 0, -1, 0};
    long many[4] = {0, 0, 0, 1000000}, bad_interval[4] = {0, 1000000, 0, 0};

    expect("kind 3", call(__NR_setitimer, 3, zero, NULL), -EINVAL);
    expect("get kind 3", call(__NR_getitimer, 3, &value), -EINVAL);
    expect("get bad", call(__NR_getitimer, 0, BAD), -EFAULT);
    expect("set bad", call(__NR_setitimer, 0, BAD, NULL), -EFAULT);
    expect("old bad", call(__NR_setitimer, 0, zero, BAD), -EFAULT);
    expect("negative", call(__NR_setitimer, 0, negative, NULL), -EINVAL);
    expect("a million us", call(__NR_setitimer, 0, many, NULL), -EINVAL);
    expect("so in the interval", call(__NR_setitimer, 0, bad_interval, NULL),
           -EINVAL);
}

static int dies(void *argument)
{
    struct itimerval value = timer(5, 0);

    signal(SIGALRM, SIG_DFL);
    setitimer(ITIMER_REAL, &value, NULL);
    sleep_ms(100000);
    return argument != NULL;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    struct itimerval value = timer(100000, 3000), old;

    sigaction(SIGALRM, &action, NULL);
    expect("alarm(0)", call(__NR_alarm, 0), 0);
    expect("alarm(100)", call(__NR_alarm, 100), 0);
    expect("alarm(50)", call(__NR_alarm, 50), 100);
    expect("alarm(0)", call(__NR_alarm, 0), 50);
    expect("setitimer", setitimer(ITIMER_REAL, &value, NULL), 0);
    getitimer(ITIMER_REAL, &old);
    check("  what is left", old.it_value.tv_sec == 99 &&
                                old.it_interval.tv_sec == 3 &&
                                old.it_interval.tv_usec == 0);
    in_child("  a child has none", child, NULL);
    expect("  alarm counts it", call(__NR_alarm, 0), 100);
    value = timer(3, 0);
    setitimer(ITIMER_REAL, &value, NULL);
    pause();
    expect("once", calls, 1);
    sleep_ms(10);
    expect("  and not again", calls, 1);
    periodic();
    errors();
    in_child("nobody handles it", dies, NULL);
    return 0;
}
