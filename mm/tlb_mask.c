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
 * but for those that have loaded CR3 since the change; and the wait for the
 * slowest of them. Serves every caller.
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

/*
 * Whether a CPU has flushed that already: a flush that was counted some time
 * ago may have been made up for by loading CR3. A CPU says what it is up to
 * after it is so; what it says is the MM's while the MM is loaded before and
 * after we read it (mm_entered).
 */
static bool has_flushed(const struct cpu *cpu,
                        const struct flush_request *request)
{
    struct mm *const volatile *loaded = &cpu->mm;
    if (*loaded != request->mm)
        return false;
    uint32_t passed = *(const volatile uint32_t *)&cpu->tlb_generation;
    return (int32_t)(passed - request->generation) >= 0 &&
           *loaded == request->mm;
}

static cpu_mask without_flushed(cpu_mask targets,
                                const struct flush_request *request)
{
    for (cpu_mask left = targets; left; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        if (has_flushed(cpus[i], request))
            targets &= ~(1u << i);
    }
    return targets;
}

static void flush(const struct flush_request *request)
{
    uint32_t interrupts = interrupts_save();
    struct cpu *self = this_cpu();
    cpu_mask targets = __atomic_load_n(&request->mm->cpus, __ATOMIC_SEQ_CST);
    targets = without_flushed(targets, request);
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
