/* SPDX-License-Identifier: MIT */
/*
 * Stop points: see kernel/stop.h. A point's state goes from free to armed, by
 * the test, to taken, by the CPU that comes first (compare-and-swap), to held,
 * and back.
 */
#include "kernel/stop.h"

#include "kernel/cpu.h"
#include "machine/cpu.h"

#ifdef DEBUG

enum { FREE, ARMED, TAKEN, HELD };

static struct {
    uint32_t state;
    cpu_mask cpus;
    void (*visit)(void);
} points[STOPS];

void stop_point(enum stop_point point)
{
    uint32_t armed = ARMED, taken = TAKEN;
    if (__atomic_load_n(&points[point].state, __ATOMIC_RELAXED) != ARMED ||
        !(points[point].cpus & this_cpu()->bit) ||
        !__atomic_compare_exchange_n(&points[point].state, &armed, TAKEN, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return;
    if (points[point].visit)
        points[point].visit();
    __atomic_compare_exchange_n(&points[point].state, &taken, HELD, false,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&points[point].state, __ATOMIC_SEQ_CST) == HELD)
        cpu_pause();
}

void stop_arm(enum stop_point point, cpu_mask whom, void (*visit)(void))
{
    points[point].visit = visit;
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
