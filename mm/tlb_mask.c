/* SPDX-License-Identifier: MIT */
/*
 * Shootdown by mask: interrupt the CPUs whose bit is set in the MM's mask and
 * wait until each has flushed. The reference that other policies are measured
 * against; as in Linux 2.2 and later.
 *
 * The order that makes it right. A CPU sets its bit in the mask before it
 * loads CR3 (mm_enter). The initiator's store to the table comes before its
 * read of the mask, with a full fence between (tlb_flush_range), because x86
 * lets a later load pass an earlier store (SDM vol. 3, 8.2.3.4). So either the
 * initiator sees the bit, or the CPU's CR3 load comes after the table's change
 * and its walker reads the new entry. Without the fence both may miss each
 * other.
 *
 * Costs an interrupt for each CPU that has the MM loaded, in use or borrowed,
 * and the wait for the slowest of them. Serves every caller.
 */
#include "kernel/call.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/stop.h"
#include "machine/cpu.h"
#include "mm/mm.h"
#include "mm/tlb.h"

static void flush_request(void *argument)
{
    STOP_POINT(tlb_asked);
    tlb_flush_here(argument);
    STOP_POINT(tlb_flushed);
}

static void flush(const struct flush_request *request)
{
    uint32_t interrupts = interrupts_save();
    struct cpu *self = this_cpu();
    cpu_mask targets = __atomic_load_n(&request->mm->cpus, __ATOMIC_SEQ_CST);
    if (targets & ~self->bit) {
        counter_add(COUNTER_shootdowns, 1);
        /* Others read it: in this CPU's record, never on the stack. */
        self->flush = *request;
        call_cpus(targets, flush_request, &self->flush);
    } else if (targets) {
        tlb_flush_here(request);
    }
    interrupts_restore(interrupts);
}

const struct shootdown shootdown_mask = {.name = "mask", .flush = flush};
