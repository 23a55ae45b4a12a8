/* SPDX-License-Identifier: MIT */
/*
 * nanosleep and clock_nanosleep in both time formats: not less than asked for,
 * relative and absolute, what is left after a signal, and errors.
 */
#include "oracle.h"

#define CLOCK_NANOSLEEP64 407

static void handler(int number)
{
    (void)number;
}

static int64_t now_ms(void)
{
    struct timespec time;

    call(__NR_clock_gettime, CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000ll + time.tv_nsec / 1000000;
}

/* One call with the format of its number. */
static long sleep_for(long number, int clock, int flags, int64_t seconds,
                      int64_t ns, void *left)
{
    int32_t narrow[2] = {(int32_t)seconds, (int32_t)ns};
    int64_t wide[2] = {seconds, ns};

    if (number == __NR_nanosleep)
        return call(number, narrow, left);
    return call(number, clock, flags,
                number == CLOCK_NANOSLEEP64 ? (void *)wide : (void *)narrow,
                left);
}

static void alarm_in(long ms)
{
    struct itimerval timer = {{0, 0}, {0, ms * 1000}};

    setitimer(ITIMER_REAL, &timer, NULL);
}

/* What every one of the calls has. */
static void common(long number)
{
    union {
        int32_t narrow[2];
        int64_t wide[2];
    } left;
    int64_t start = now_ms(), rest_ns;

    say("call %ld:", number);
    expect("  10 ms", sleep_for(number, 1, 0, 0, 10000000, NULL), 0);
    check("  not less", now_ms() - start >= 9);
    expect("  nothing", sleep_for(number, 1, 0, 0, 0, NULL), 0);
    expect("  negative", sleep_for(number, 1, 0, -1, 0, NULL), -EINVAL);
    expect("  negative ns", sleep_for(number, 1, 0, 0, -1, NULL), -EINVAL);
    expect("  too many ns", sleep_for(number, 1, 0, 0, 1000000000, NULL),
           -EINVAL);
    alarm_in(5);
    memset(&left, 0, sizeof(left));
    expect("  interrupted", sleep_for(number, 1, 0, 3, 0, &left), -EINTR);
    rest_ns = number == CLOCK_NANOSLEEP64
                  ? left.wide[0] * 1000000000 + left.wide[1]
                  : left.narrow[0] * 1000000000ll + left.narrow[1];
    check("  the rest", rest_ns > 0 && rest_ns < 3000000000ll);
    alarm_in(5);
    expect("  interrupted, nowhere to tell",
           sleep_for(number, 1, 0, 3, 0, NULL), -EINTR);
    alarm_in(5);
    expect("  interrupted, told to a bad address",
           sleep_for(number, 1, 0, 3, 0, BAD), -EFAULT);
}

static void with_clock(long number)
{
    struct timespec time;
    int64_t start = now_ms(), left[2] = {77, 77};

    call(__NR_clock_gettime, CLOCK_MONOTONIC, &time);
    time.tv_nsec += 10000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_nsec -= 1000000000;
        time.tv_sec++;
    }
    expect("  until 10 ms from now",
           sleep_for(number, CLOCK_MONOTONIC, TIMER_ABSTIME, time.tv_sec,
                     time.tv_nsec, NULL),
           0);
    check("  not less", now_ms() - start >= 9);
    expect("  until the past",
           sleep_for(number, CLOCK_MONOTONIC, TIMER_ABSTIME, 0, 1, NULL), 0);
    expect("  real clock, until the past",
           sleep_for(number, CLOCK_REALTIME, TIMER_ABSTIME, 0, 1, NULL), 0);
    expect("  real clock, 2 ms",
           sleep_for(number, CLOCK_REALTIME, 0, 0, 2000000, NULL), 0);
    alarm_in(5);
    expect("  until later, interrupted",
           sleep_for(number, CLOCK_MONOTONIC, TIMER_ABSTIME, time.tv_sec + 3, 0,
                     left),
           -EINTR);
    check("  no rest is told", left[0] == 77);
    expect("  clock 77", sleep_for(number, 77, 0, 0, 1, NULL), -EINVAL);
    expect("  the thread's CPU time",
           sleep_for(number, CLOCK_THREAD_CPUTIME_ID, 0, 0, 1, NULL),
           -EOPNOTSUPP);
    expect("  the raw clock",
           sleep_for(number, CLOCK_MONOTONIC_RAW, 0, 0, 1, NULL), -EOPNOTSUPP);
    expect("  time bad", call(number, 1, 0, BAD, NULL), -EFAULT);
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};

    sigaction(SIGALRM, &action, NULL);
    common(__NR_nanosleep);
    expect("  time bad", call(__NR_nanosleep, BAD, NULL), -EFAULT);
    common(__NR_clock_nanosleep);
    with_clock(__NR_clock_nanosleep);
    common(CLOCK_NANOSLEEP64);
    with_clock(CLOCK_NANOSLEEP64);
    return 0;
}
