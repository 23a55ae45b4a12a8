/* SPDX-License-Identifier: MIT */
/*
 * The clocks in both time formats: gettime, getres, their errors, that time
 * goes on and that all calls speak of the same time; gettimeofday, time,
 * times and getrusage.
 */
#include "oracle.h"
#include <sys/times.h>

#define CLOCK_GETTIME64 403
#define CLOCK_GETRES64  406

static int64_t narrow(int clock)
{
    struct timespec time;

    call(__NR_clock_gettime, clock, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static int64_t wide(int clock)
{
    int64_t time[2] = {-1, -1};

    call(CLOCK_GETTIME64, clock, time);
    return time[0] * 1000000000ll + (int32_t)time[1];
}

static void clocks(void)
{
    static const struct {
        const char *name;
        int number;
    } list[] = {
        {"REALTIME", 0},         {"MONOTONIC", 1},     {"PROCESS_CPUTIME", 2},
        {"THREAD_CPUTIME", 3},   {"MONOTONIC_RAW", 4}, {"REALTIME_COARSE", 5},
        {"MONOTONIC_COARSE", 6}, {"BOOTTIME", 7},
    };
    int64_t pair[2];
    char text[16];

    for (size_t i = 0; i < COUNT(list); i++) {
        struct timespec time = {-1, -1};
        int64_t one, two, three;

        say("%s: %s", list[i].name,
            result_text(call(__NR_clock_gettime, list[i].number, &time), text));
        one = narrow(list[i].number);
        two = wide(list[i].number);
        three = narrow(list[i].number);
        check("  goes on, in both formats",
              one >= 0 && one <= two && two <= three);
        expect("  getres", call(__NR_clock_getres, list[i].number, &time), 0);
        check("  of 1 ns to 10 ms", time.tv_sec == 0 && time.tv_nsec >= 1 &&
                                        time.tv_nsec <= 10000000);
        expect("  the same, wide", call(CLOCK_GETRES64, list[i].number, pair),
               0);
        check("  as much", pair[0] == 0 && (int32_t)pair[1] == time.tv_nsec);
    }
}

static void errors(void)
{
    int64_t pair[2];

    expect("clock 77", call(__NR_clock_gettime, 77, pair), -EINVAL);
    expect("clock 77, wide", call(CLOCK_GETTIME64, 77, pair), -EINVAL);
    expect("clock 12", call(__NR_clock_gettime, 12, pair), -EINVAL);
    expect("getres 77", call(__NR_clock_getres, 77, pair), -EINVAL);
    expect("getres 77, wide", call(CLOCK_GETRES64, 77, pair), -EINVAL);
    expect("bad", call(__NR_clock_gettime, 1, BAD), -EFAULT);
    expect("bad, wide", call(CLOCK_GETTIME64, 1, BAD), -EFAULT);
    expect("getres bad", call(__NR_clock_getres, 1, BAD), -EFAULT);
    expect("getres NULL", call(__NR_clock_getres, 1, NULL), 0);
    expect("getres NULL, wide", call(CLOCK_GETRES64, 1, NULL), 0);
}

static void others(void)
{
    struct timeval day;
    struct timezone zone = {77, 77};
    int64_t before = narrow(CLOCK_REALTIME), after;
    int32_t seconds = 0;
    long result;

    expect("gettimeofday", call(__NR_gettimeofday, &day, &zone), 0);
    after = narrow(CLOCK_REALTIME);
    check("  the real clock's",
          before / 1000 <= day.tv_sec * 1000000ll + day.tv_usec &&
              day.tv_sec * 1000000ll + day.tv_usec <= after / 1000);
    expect("  NULL", call(__NR_gettimeofday, NULL, NULL), 0);
    expect("  bad", call(__NR_gettimeofday, BAD, NULL), -EFAULT);
    result = call(__NR_time, &seconds);
    after = narrow(CLOCK_REALTIME);
    check("time",
          result >= before / 1000000000 && result <= after / 1000000000);
    check("  as written", seconds == result);
    check("  NULL", call(__NR_time, NULL) >= result);
    expect("  bad", call(__NR_time, BAD), -EFAULT);
}

static void usage(void)
{
    struct tms times_now;
    struct rusage usage;
    int64_t cpu;

    for (volatile int i = 0; i < 1000000; i++)
        ;
    cpu = narrow(CLOCK_PROCESS_CPUTIME_ID);
    check("some CPU time was used", cpu > 0);
    check("times", call(__NR_times, &times_now) != -EFAULT);
    check("  plausible", times_now.tms_utime >= 0 &&
                             times_now.tms_utime < 1000 &&
                             times_now.tms_cutime >= 0);
    expect("  bad", call(__NR_times, BAD), -EFAULT);
    expect("getrusage SELF", call(__NR_getrusage, RUSAGE_SELF, &usage), 0);
    check("  plausible", usage.ru_utime.tv_sec < 10 &&
                             usage.ru_utime.tv_usec < 1000000 &&
                             usage.ru_stime.tv_sec < 10);
    expect("  CHILDREN", call(__NR_getrusage, RUSAGE_CHILDREN, &usage), 0);
    expect("  THREAD", call(__NR_getrusage, RUSAGE_THREAD, &usage), 0);
    expect("  5", call(__NR_getrusage, 5, &usage), -EINVAL);
    expect("  bad", call(__NR_getrusage, RUSAGE_SELF, BAD), -EFAULT);
}

int main(void)
{
    clocks();
    errors();
    others();
    usage();
    return 0;
}
