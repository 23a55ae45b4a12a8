/* SPDX-License-Identifier: MIT */
/*
 * Shootdown by mask: interrupt the CPUs whose bit is set in the MM's mask and
 * wait until each has flushed.
 *
 * The order that makes it right. A CPU sets its bit in the mask before it
 * loads CR3 (mm_enter). The initiator's store to the table comes before its
 * read of the mask, with a full fence between, because x86 lets a later load
 * pass an earlier store (SDM vol. 3, 8.2.3.4). So either the initiator sees
 * the bit, or the CPU's CR3 load comes after the table's change and its walker
 * reads the new entry. Without the fence both may miss each other.
 */
#include "mm/tlb.h"

#include "kernel/call.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "machine/cpu.h"
#include "machine/paging.h"
#include "mm/mm.h"

static void flush_here(void *argument)
{
    const struct flush_request *request = argument;
    if (!request->mm) {
        tlb_flush_local_global();
        return;
    }
    /*
     * Even if this CPU is just about to leave the MM: until its CR3 load is
     * done the walker may still use the old tables.
     */
    if (request->end - request->start > FLUSH_ALL_ABOVE * PAGE_SIZE) {
        tlb_flush_local_all();
        return;
    }
    for (uint32_t at = request->start; at < request->end; at += PAGE_SIZE)
        tlb_flush_local_page(at);
}

static void flush(cpu_mask targets, struct flush_request what)
{
    uint32_t interrupts = interrupts_save();
    struct cpu *self = this_cpu();
    if (targets & ~(1u << self->index))
        counter_add(COUNTER_shootdowns, 1);
    self->flush = what;
    call_cpus(targets, flush_here, &self->flush);
    interrupts_restore(interrupts);
}

void tlb_flush_range(struct mm *mm, uint32_t start, uint32_t end)
{
    /* Partner: the fence between mask bit and CR3 load in mm_enter(). */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    flush(__atomic_load_n(&mm->cpus, __ATOMIC_SEQ_CST),
          (struct flush_request){mm, start, end});
}

void tlb_flush_kernel(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    flush(cpus_online | this_cpu()->bit, (struct flush_request){0});
}
