/* SPDX-License-Identifier: MIT */
/*
 * Time goes forward, at the same pace and to the same value on all CPUs, and
 * at the rate that the CMOS clock has.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/call.h"
#include "tests/kernel/crew.h"

SELFTEST(clock_forward, "the clock never goes back on one CPU")
{
    cpu_mask before = stay_on(0);
    uint64_t last = clock_ns();
    bool ok = true;
    for (uint32_t i = 0; i < 20000; i++) {
        uint64_t now = clock_ns();
        ok &= now >= last;
        last = now;
    }
    task_set_affinity(0, before);
    CHECK(ok);
}

static uint64_t other; /* written by one CPU at a time */

static void read_clock(void *unused)
{
    (void)unused;
    other = clock_ns();
}

#define SLACK 1000000u /* ns; a real machine's counters may differ a little */

SELFTEST(clock_same, "all CPUs have the same time")
{
    struct cpu *cpu;
    for (uint32_t round = 0; round < 20; round++)
        for_each_cpu (cpu) {
            uint64_t before = clock_ns();
            call_cpus(cpu->bit, read_clock, NULL);
            CHECK(other + SLACK >= before && other <= clock_ns() + SLACK);
        }
}

SELFTEST(clock_factor, "counts become nanoseconds without loss, small or large")
{
    uint64_t hz = clock_tsc_hz, last = 0;
    uint64_t second = clock_cycles_to_ns(hz);
    CHECK(second > NS_PER_SECOND - 10 && second < NS_PER_SECOND + 10);
    /* A century, in which a product of 64 bits would overflow. */
    uint64_t years = clock_cycles_to_ns(hz * 3155760000u);
    uint64_t seconds = divide_u64(years, NS_PER_SECOND, NULL);
    CHECK(seconds > 3155760000u - 4 && seconds < 3155760000u + 4);
    for (uint32_t bit = 0; bit < 60; bit++) {
        uint64_t ns = clock_cycles_to_ns(1ull << bit);
        CHECK(ns >= last + (last >> 1)); /* about twice as much */
        last = ns;
    }
}

SELFTEST(clock_delay, "a delay lasts as long as asked")
{
    for (uint32_t us = 1; us <= 1000; us *= 10) {
        uint64_t start = clock_ns();
        clock_delay_us(us);
        CHECK(clock_ns() - start >= (uint64_t)us * 1000);
    }
}

SELFTEST(clock_wall, "the wall clock agrees with the CMOS clock")
{
    uint64_t wall, monotonic, none;
    CHECK(time_read(ABI_CLOCK_REALTIME, &wall) == 0);
    CHECK(time_read(ABI_CLOCK_MONOTONIC, &monotonic) == 0);
    CHECK(time_read(-1, &none) == -EINVAL && time_read(99, &none) == -EINVAL);
    uint64_t cmos = clock_read_cmos();
    uint64_t seconds = divide_u64(wall, NS_PER_SECOND, NULL);
    CHECK(monotonic < wall);
    CHECK(seconds + 3 >= cmos && seconds <= cmos + 3);
}
