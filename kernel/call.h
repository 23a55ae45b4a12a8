/* SPDX-License-Identifier: MIT */
/*
 * Calls to other CPUs. A function given to call_cpus() runs on each target
 * with interrupts off, perhaps while that CPU spins for a lock: it must take
 * no lock, touch no user memory and not sleep. TLB flushes are such calls.
 *
 * Each CPU has one outgoing call (call) and one word of incoming ones
 * (calls_from, a bit for each sender), so nothing is allocated and no lock is
 * needed. Both lie in per-CPU memory, never on a stack: a request that other
 * CPUs follow must not live in one MM's private memory.
 */
#pragma once

#include "kernel/types.h"

typedef void (*call_function)(void *argument);

struct call {
    call_function function;
    void *argument;    /* not on the sender's stack: see above */
    cpu_mask pending;  /* targets that have not finished */
    cpu_mask incoming; /* senders whose call this CPU has not yet served */
};

/*
 * Run function(argument) on all CPUs in `targets` at once and return when all
 * have finished; this CPU is served too if its bit is set. May be called with
 * interrupts on or off and with locks held, but not from such a function.
 */
void call_cpus(cpu_mask targets, call_function function, void *argument);

/* Serve all calls that have come in; the interrupt handler. Interrupts off. */
void call_serve(void);

/* The same from a loop that waits with interrupts off: cheap if none came. */
void call_serve_while_waiting(void);
