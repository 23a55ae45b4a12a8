/* SPDX-License-Identifier: MIT */
/*
 * Time: clocks that do not go back, sleeps that are not too short, the
 * calendar in UTC, processor time that grows with work and not with sleep.
 * No time is printed, only what holds for all of them.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "libc.h"

static int64_t now(clockid_t clock)
{
    struct timespec t = {0, -1};

    if (clock_gettime(clock, &t))
        return -1;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void clocks(void)
{
    static const clockid_t list[] = {CLOCK_REALTIME, CLOCK_MONOTONIC,
                                     CLOCK_PROCESS_CPUTIME_ID,
                                     CLOCK_THREAD_CPUTIME_ID};

    for (int i = 0; i < 4; i++) {
        struct timespec resolution = {1, 0};
        int back = 0;
        int64_t last = now(list[i]);
        for (int n = 0; n < 1000; n++) {
            int64_t next = now(list[i]);
            back += next < last;
            last = next;
        }
        CHECK(last >= 0 && !back, "clock %d does not go back", i);
        CHECK(clock_getres(list[i], &resolution) == 0 &&
                  resolution.tv_sec == 0 && resolution.tv_nsec > 0,
              "its resolution");
    }
    struct timespec t;
    CHECK(clock_gettime(1000, &t) == -1 && errno == EINVAL, "no such clock");
}

static void sleeps(void)
{
    struct timespec t = {0, 3000000}, until, bad = {0, 1000000000};
    int64_t begin = now(CLOCK_MONOTONIC);

    nanosleep(&t, NULL);
    CHECK(now(CLOCK_MONOTONIC) - begin >= 3000000, "nanosleep");
    begin = now(CLOCK_MONOTONIC);
    usleep(2000);
    CHECK(now(CLOCK_MONOTONIC) - begin >= 2000000, "usleep");
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 3000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    CHECK(!clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL),
          "until a time");
    CHECK(now(CLOCK_MONOTONIC) >=
              (int64_t)until.tv_sec * 1000000000 + until.tv_nsec,
          "it has come");
    CHECK(nanosleep(&bad, NULL) == -1 && errno == EINVAL, "no such time");
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, NULL) == EINVAL, "EINVAL");
}

static void calendar(void)
{
    static const time_t moments[] = {0, 951782400, 1000000000, 2147483647, -1};
    char text[64];
    struct tm fields;

    setenv("TZ", "UTC0", 1);
    tzset();
    for (int i = 0; i < 5; i++) {
        gmtime_r(&moments[i], &fields);
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %j %a %b", &fields);
        printf("%ld is %s, and back %d\n", (long)moments[i], text,
               mktime(&fields) == moments[i]);
    }
    struct timeval v;
    gettimeofday(&v, NULL);
    time_t t = time(NULL);
    CHECK(t - v.tv_sec <= 1 && t >= v.tv_sec, "time and gettimeofday agree");
    CHECK(t > 1600000000, "the clock is set");
}

static void processor_time(void)
{
    struct rusage usage;
    struct tms t;
    volatile unsigned work = 0;
    clock_t begin = clock();

    while (clock() - begin < CLOCKS_PER_SEC / 100)
        work++;
    CHECK(work > 0, "work takes processor time");
    int64_t used = now(CLOCK_PROCESS_CPUTIME_ID);
    usleep(50000);
    CHECK(now(CLOCK_PROCESS_CPUTIME_ID) - used < 25000000, "sleep does not");
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
    CHECK(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec < 60, "is plausible");
    CHECK(times(&t) != (clock_t)-1, "times");
}

int main(void)
{
    clocks();
    sleeps();
    calendar();
    processor_time();
    return check_sum();
}
