/* SPDX-License-Identifier: MIT */
/*
 * Counters of events: kernel/abi/counters.h lists them. Each CPU has a set of
 * its own in struct cpu, so that counting takes no lock and shares no cache
 * line; a reader adds them up. Only the CPU itself writes its set, its
 * interrupt handlers included. A reading made while another CPU counts may be
 * an event behind and, for the instant in which a count's low half wraps,
 * 2^32 short.
 */
#pragma once

#include "kernel/types.h"

#define COUNTER(name, meaning) COUNTER_##name,
enum counter {
#include "kernel/abi/counters.h"
    COUNTERS /* how many there are */
};
#undef COUNTER

struct counters {
    uint64_t value[COUNTERS];
};

/*
 * Add n (32 bits) to counter `which` of this CPU: two instructions that an
 * interrupt between them does not disturb. Usable once this_cpu() is, in any
 * context. A macro, since struct cpu itself holds a struct counters.
 */
#define counter_add(which, n) count_add(&this_cpu()->counters.value[which], (n))

/* The sum over all CPUs. */
uint64_t counter_read(enum counter which);

/* Fill row `index` of QUERY_COUNTERS; false past the end. */
struct abi_counter;
bool counter_row(uint32_t index, struct abi_counter *row);

/* At the end: struct cpu needs the above, counter_add() needs struct cpu. */
#include "kernel/cpu.h"
#include "machine/cpu.h"
