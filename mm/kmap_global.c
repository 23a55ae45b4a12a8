/* SPDX-License-Identifier: MIT */
/*
 * kmap=global: one pool of slots in the global kernel area for all MMs and all
 * CPUs. Any CPU may have used a slot, so all of them flush when half the pool
 * is used up. Linux's kmap, and what Bligh complained of in 2002.
 */
#include "mm/kmap.h"
#include "mm/slots_map.h"

static struct slot_pool pool = {.lock = SPINLOCK("global slots", RANK_SLOTS),
                                .start = KMAP_POOL_START};

static uintptr_t map(phys_t page)
{
    return slots_map(&pool, page);
}

static void unmap(uintptr_t address)
{
    slots_unmap(&pool, address);
}

const struct kmap_pools kmap_global = {
    .name = "global", .map = map, .unmap = unmap};
