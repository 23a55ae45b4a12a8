/* SPDX-License-Identifier: MIT */
/*
 * The order that makes a call arrive: the sender writes function and argument,
 * sets all bits in its own `pending`, then sets its bit in the target's
 * `incoming` (locked: a full fence), then interrupts. The target takes all of
 * `incoming` with one exchange, so that a bit set later brings another
 * interrupt, runs the functions, and clears its bit in the sender's `pending`
 * last: when the sender sees zero, every store of the function is visible.
 */
#include "kernel/call.h"

#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "machine/cpu.h"
#include "machine/smp.h"

static bool serve(void)
{
    struct cpu *self = this_cpu();
    cpu_mask senders =
        __atomic_exchange_n(&self->call.incoming, 0, __ATOMIC_SEQ_CST);
    if (!senders)
        return false;
    for (uint32_t i = 0; senders; i++, senders >>= 1) {
        if (!(senders & 1))
            continue;
        struct call *call = &cpus[i]->call;
        call->function(call->argument);
        /* From here on the sender may reuse its record. */
        __atomic_fetch_and(&call->pending, ~(1u << self->index),
                           __ATOMIC_SEQ_CST);
    }
    return true;
}

void call_serve(void)
{
    counter_add(COUNTER_ipis_call, 1);
    if (!serve())
        counter_add(COUNTER_ipis_call_spurious, 1);
}

void call_serve_while_waiting(void)
{
    if (__atomic_load_n(&this_cpu()->call.incoming, __ATOMIC_RELAXED))
        serve();
}

void call_cpus(cpu_mask targets, call_function function, void *argument)
{
    CHECK_SHARED(argument);
    uint32_t interrupts = interrupts_save();
    struct cpu *self = this_cpu();
    bool own = targets & (1u << self->index);
    targets &= ~(1u << self->index) & cpus_online;

    if (targets) {
        ASSERT(self->call.pending == 0);
        self->call.function = function;
        self->call.argument = argument;
        __atomic_store_n(&self->call.pending, targets, __ATOMIC_SEQ_CST);
        for (uint32_t i = 0; i < cpu_count; i++)
            if (targets & (1u << i))
                __atomic_fetch_or(&cpus[i]->call.incoming, 1u << self->index,
                                  __ATOMIC_SEQ_CST);
        smp_send_call(targets);
    }
    if (own)
        function(argument);
    /* Two CPUs that call each other must serve each other here. */
    while (__atomic_load_n(&self->call.pending, __ATOMIC_ACQUIRE)) {
        call_serve_while_waiting();
        cpu_pause();
    }
    interrupts_restore(interrupts);
}
