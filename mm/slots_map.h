/* SPDX-License-Identifier: MIT */
/*
 * Taking and giving up slots: slots.h. Inline, because this is most of what a
 * temporary mapping costs.
 */
#pragma once

#include "kernel/panic.h"
#include "machine/kernel_map.h"
#include "machine/paging.h"
#include "mm/slots.h"

/* Word w has no clean slot: look in the next one, or in the other half. */
void slots_go_on(struct slot_pool *pool, uint32_t w);

/* A clean slot, now taken; POOL_SLOTS: not yet. */
static inline uint32_t slots_take(struct slot_pool *pool)
{
    uint32_t w = __atomic_load_n(&pool->word, __ATOMIC_RELAXED);
    uint32_t clean = ~__atomic_load_n(&pool->taken[w], __ATOMIC_RELAXED);
    if (!clean) {
        slots_go_on(pool, w);
        return POOL_SLOTS;
    }
    uint32_t slot = (uint32_t)__builtin_ctz(clean);
    if (__atomic_fetch_or(&pool->taken[w], 1u << slot, __ATOMIC_SEQ_CST) &
        1u << slot)
        return POOL_SLOTS;
    return w * 32 + slot;
}

/*
 * Map the page at a physical address in a clean slot; its address. May ask
 * other CPUs to flush. Takes RANK_SLOTS.
 */
static inline uintptr_t slots_map(struct slot_pool *pool, phys_t page)
{
    uint32_t slot;
    /* A half may be full of slots that are held: then the other one is not. */
    while ((slot = slots_take(pool)) == POOL_SLOTS)
        continue;
    uintptr_t address = pool->start + slot * PAGE_SIZE;
    kernel_map(address, page, MAP_WRITE);
    return address;
}

/* Give the mapping at that address up. */
static inline void slots_unmap(struct slot_pool *pool, uintptr_t address)
{
    uint32_t slot = (address - pool->start) / PAGE_SIZE;
    DEBUG_ASSERT(slot < POOL_SLOTS &&
                 pool->taken[slot / 32] & 1u << slot % 32 &&
                 !(pool->stale[slot / 32] & 1u << slot % 32));
    /* Release: our stores through the mapping come before it is gone. */
    __atomic_fetch_or(&pool->stale[slot / 32], 1u << slot % 32,
                      __ATOMIC_SEQ_CST);
}
