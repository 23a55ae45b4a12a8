/* SPDX-License-Identifier: MIT */
/*
 * kmap=ukva: a pool of slots for each MM, in its own kernel region. Only CPUs
 * that have the MM loaded can cache what it maps, and loading another root
 * drops it: so only those are asked to flush when half the pool is used up, and
 * of those only who has not loaded CR3 since (slots.h). Bligh's idea of 2002,
 * per MM as Torvalds corrected it.
 *
 * Tasks use their own MM's pool, whosever page they map. Kernel threads have
 * none: they use the slots of their CPU.
 */
#include "kernel/abi/errno.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/slots_map.h"
#include "mm/ukva.h"

static uintptr_t map(phys_t page)
{
    const struct task *self = current_task();
    if (!self || !self->mm)
        return kmap_atomic.map(page);
    return slots_map(&self->mm->ukva.slots, page);
}

static void unmap(uintptr_t address)
{
    slots_unmap(&current_task()->mm->ukva.slots, address);
}

/* Its address is nobody's in particular: it comes from the allocator. */
static int prepare(struct mm *mm)
{
    uintptr_t start = ukva_take(mm, POOL_SLOTS);
    if (!start)
        return -ENOMEM;
    slots_init(&mm->ukva.slots, start, mm);
    return ukva_make_tables(&mm->tables, start, start + POOL_SLOTS * PAGE_SIZE);
}

const struct kmap_pools kmap_ukva = {
    .name = "ukva", .map = map, .unmap = unmap, .prepare = prepare};
