/* SPDX-License-Identifier: MIT */
/*
 * A sleep lasts at least as long as asked and, on a machine that is not
 * overrun, not absurdly longer; clocks never go back, and the 32-bit and
 * 64-bit forms of the calls tell the same time.
 *
 * run: cpus=1,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/start.h"
#include "user/lib/syscall.h"
#include "user/lib/thread.h"

/* The emulator shares its host: what is beyond this is a lost timer. */
#define LATE (2ull * NANOSECONDS)

static void sleeps(void)
{
    static const uint32_t lengths[] = {1,       1000,     100000,
                                       1000000, 20000000, 150000000};

    for (uint32_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct abi_timespec32 t = {0, (int32_t)lengths[i]};
        uint64_t begin = clock_now();
        CHECK_EQUAL(sys_nanosleep(&t, NULL), 0);
        uint64_t slept = clock_now() - begin;
        if (!CHECK(slept >= lengths[i]) || !CHECK(slept < lengths[i] + LATE))
            printf("asked for %u ns, slept %llu ns\n", lengths[i], slept);
    }
}

static void sleep_until(void)
{
    uint64_t begin = clock_now(), wanted = begin + 30 * MILLISECONDS;
    struct abi_timespec64 t;

    CHECK_EQUAL(sys_clock_gettime64(ABI_CLOCK_MONOTONIC, &t), 0);
    t.nanoseconds += 30 * (int32_t)MILLISECONDS;
    if (t.nanoseconds >= (int32_t)NANOSECONDS) {
        t.nanoseconds -= (int32_t)NANOSECONDS;
        t.seconds++;
    }
    CHECK_EQUAL(sys_clock_nanosleep_time64(ABI_CLOCK_MONOTONIC,
                                           ABI_TIMER_ABSTIME, &t, NULL),
                0);
    CHECK(clock_now() >= wanted);
    /* A moment that has passed: no sleep at all. */
    t.seconds = 0;
    begin = clock_now();
    CHECK_EQUAL(sys_clock_nanosleep_time64(ABI_CLOCK_MONOTONIC,
                                           ABI_TIMER_ABSTIME, &t, NULL),
                0);
    CHECK(clock_now() - begin < LATE);
}

static void clocks_agree(int clock)
{
    struct abi_timespec64 before, after;
    struct abi_timespec32 middle;

    CHECK_EQUAL(sys_clock_gettime64(clock, &before), 0);
    CHECK_EQUAL(sys_clock_gettime(clock, &middle), 0);
    CHECK_EQUAL(sys_clock_gettime64(clock, &after), 0);
    uint64_t a =
        (uint64_t)before.seconds * NANOSECONDS + (uint32_t)before.nanoseconds;
    uint64_t b = (uint64_t)(uint32_t)middle.seconds * NANOSECONDS +
                 (uint32_t)middle.nanoseconds;
    uint64_t c =
        (uint64_t)after.seconds * NANOSECONDS + (uint32_t)after.nanoseconds;
    CHECK(a <= b && b <= c);
    CHECK(middle.nanoseconds >= 0 && middle.nanoseconds < (int)NANOSECONDS);
}

static void resolutions(void)
{
    struct abi_timespec64 r64;
    struct abi_timespec32 r32;

    CHECK_EQUAL(sys_clock_getres_time64(ABI_CLOCK_MONOTONIC, &r64), 0);
    CHECK_EQUAL(sys_clock_getres(ABI_CLOCK_MONOTONIC, &r32), 0);
    CHECK_EQUAL(r64.nanoseconds, r32.nanoseconds);
    CHECK(r64.seconds == 0 && r64.nanoseconds > 0);
}

static void never_backwards(void)
{
    uint64_t last = clock_now();
    uint32_t back = 0;

    for (int i = 0; i < 20000; i++) {
        uint64_t now = clock_now();
        back += now < last;
        last = now;
        if (i % 1000 == 0)
            sys_sched_yield(); /* perhaps to another CPU */
    }
    CHECK_EQUAL_IN("times the clock went back", back, 0);
}

/* Many sleepers at once; each is woken in its time. */
#define SLEEPERS 16
static uint32_t woken_early;

static int sleeper(void *argument)
{
    uint64_t length = *(uint64_t *)argument, begin = clock_now();

    clock_sleep(length);
    if (clock_now() - begin < length)
        __atomic_fetch_add(&woken_early, 1, __ATOMIC_RELAXED);
    return 0;
}

static void many_sleepers(void)
{
    static uint8_t stacks[SLEEPERS][4096] __attribute__((aligned(16)));
    static struct thread threads[SLEEPERS];
    static uint64_t lengths[SLEEPERS];
    uint64_t begin = clock_now();

    for (uint32_t i = 0; i < SLEEPERS; i++) {
        lengths[i] = (i * 7 % SLEEPERS + 1) * 5ull * MILLISECONDS;
        CHECK(thread_start(&threads[i], sleeper, &lengths[i], stacks[i],
                           sizeof(stacks[i])) > 0);
    }
    for (uint32_t i = 0; i < SLEEPERS; i++)
        thread_wait(&threads[i]);
    CHECK_EQUAL_IN("sleepers woken early", woken_early, 0);
    CHECK(clock_now() - begin < LATE + SLEEPERS * 5ull * MILLISECONDS);
}

int main(int argc, char **argv)
{
    struct abi_timespec64 wall;

    (void)argc, (void)argv;
    sleeps();
    sleep_until();
    clocks_agree(ABI_CLOCK_REALTIME);
    clocks_agree(ABI_CLOCK_MONOTONIC);
    clocks_agree(ABI_CLOCK_BOOTTIME);
    resolutions();
    never_backwards();
    many_sleepers();
    /* The wall clock is that of the machine: after 2000, before 2100. */
    CHECK_EQUAL(sys_clock_gettime64(ABI_CLOCK_REALTIME, &wall), 0);
    CHECK(wall.seconds > 946684800 && wall.seconds < 4102444800);
    return check_result();
}
