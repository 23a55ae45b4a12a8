/* SPDX-License-Identifier: MIT */
/*
 * Stop points: see kernel/stop.h. A point's state goes from free to armed, by
 * the test, to held, by the CPU that comes first (compare-and-swap), and back.
 */
#include "kernel/stop.h"

#include "kernel/cpu.h"
#include "machine/cpu.h"

#ifdef DEBUG

enum { FREE, ARMED, HELD };

static struct {
    uint32_t state;
    cpu_mask cpus;
} points[STOPS];

void stop_point(enum stop_point point)
{
    uint32_t armed = ARMED;
    if (__atomic_load_n(&points[point].state, __ATOMIC_RELAXED) != ARMED ||
        !(points[point].cpus & this_cpu()->bit) ||
        !__atomic_compare_exchange_n(&points[point].state, &armed, HELD, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return;
    while (__atomic_load_n(&points[point].state, __ATOMIC_SEQ_CST) == HELD)
        cpu_pause();
}

void stop_arm(enum stop_point point, cpu_mask whom)
{
    points[point].cpus = whom;
    __atomic_store_n(&points[point].state, ARMED, __ATOMIC_SEQ_CST);
}

bool stop_reached(enum stop_point point)
{
    return __atomic_load_n(&points[point].state, __ATOMIC_SEQ_CST) == HELD;
}

void stop_release(enum stop_point point)
{
    __atomic_store_n(&points[point].state, FREE, __ATOMIC_SEQ_CST);
}

#endif
