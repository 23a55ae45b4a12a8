/* SPDX-License-Identifier: MIT */
/* Shared pools of slots: see slots.h. */
#include "mm/slots.h"

#include "kernel/counters.h"
#include "kernel/panic.h"
#include "kernel/stop.h"
#include "machine/paging.h"
#include "mm/tlb.h"

void slots_init(struct slot_pool *pool, uintptr_t start, struct mm *mm)
{
    *pool = (struct slot_pool){.start = start, .mm = mm};
    spin_init(&pool->lock, "slots", RANK_SLOTS);
}

static uintptr_t address_of(const struct slot_pool *pool, uint32_t slot)
{
    return pool->start + slot * PAGE_SIZE;
}

/* Run over the words of the half in use. */
#define for_each_word(w, pool)                                             \
    for (uint32_t w = (pool)->half * HALF_WORDS, w##_end = w + HALF_WORDS; \
         w < w##_end; w++)

/*
 * Clear the stale slots of the half that is used up, and count their flush. A
 * slot that is given up from here on waits for the next time.
 */
static void clear_half(struct slot_pool *pool) REQUIRES(pool->lock)
{
    for_each_word(w, pool)
    {
        uint32_t stale =
            __atomic_exchange_n(&pool->stale[w], 0, __ATOMIC_SEQ_CST);
        pool->cleared[w] |= stale;
        for (; stale; stale &= stale - 1)
            kernel_unmap(
                address_of(pool, w * 32 + (uint32_t)__builtin_ctz(stale)));
    }
    /* A locked addition: after the entries are seen to be gone. */
    pool->generation[pool->half] = tlb_count_flush(pool->mm);
}

/*
 * What waits in the half in use is flushed by those who have not done so since
 * it was cleared, and is clean then.
 */
static void clean_half(struct slot_pool *pool) REQUIRES(pool->lock)
{
    uint32_t waiting = 0;
    for_each_word(w, pool) waiting |= pool->cleared[w];
    if (!waiting)
        return;
    counter_add(COUNTER_kmap_wraps, 1);
    tlb_flush_counted(pool->mm, pool->start,
                      pool->start + POOL_SLOTS * PAGE_SIZE,
                      pool->generation[pool->half]);
    for_each_word(w, pool)
    {
        __atomic_fetch_and(&pool->taken[w], ~pool->cleared[w],
                           __ATOMIC_SEQ_CST);
        pool->cleared[w] = 0;
    }
}

static bool has_clean(const struct slot_pool *pool) REQUIRES(pool->lock)
{
    uint32_t taken = ~0u;
    for_each_word(w, pool) taken &=
        __atomic_load_n(&pool->taken[w], __ATOMIC_RELAXED);
    return ~taken;
}

/* Go on with the other half, unless somebody was faster. */
static void turn(struct slot_pool *pool)
{
    spin_lock(&pool->lock);
    if (!has_clean(pool)) {
        clear_half(pool);
        STOP_POINT(slots_cleared);
        __atomic_store_n(&pool->half, !pool->half, __ATOMIC_RELAXED);
        clean_half(pool);
    }
    spin_unlock(&pool->lock);
}

/* A clean slot of the half in use, now taken; POOL_SLOTS: there is none. */
static inline uint32_t take(struct slot_pool *pool)
{
    for_each_word(w, pool) for (uint32_t clean;
                                (clean = ~__atomic_load_n(&pool->taken[w],
                                                          __ATOMIC_RELAXED));)
    {
        uint32_t bit = clean & -clean;
        if (!(__atomic_fetch_or(&pool->taken[w], bit, __ATOMIC_SEQ_CST) & bit))
            return w * 32 + (uint32_t)__builtin_ctz(bit);
    }
    return POOL_SLOTS;
}

uintptr_t slots_map(struct slot_pool *pool, phys_t page)
{
    uint32_t slot;
    /* A half may be full of slots that are held: then the other one is not. */
    while ((slot = take(pool)) == POOL_SLOTS)
        turn(pool);
    kernel_map(address_of(pool, slot), page, MAP_WRITE);
    return address_of(pool, slot);
}

void slots_unmap(struct slot_pool *pool, uintptr_t address)
{
    uint32_t slot = (address - pool->start) / PAGE_SIZE;
    DEBUG_ASSERT(slot < POOL_SLOTS &&
                 pool->taken[slot / 32] & 1u << slot % 32 &&
                 !(pool->stale[slot / 32] & 1u << slot % 32));
    /* Release: our stores through the mapping come before it is gone. */
    __atomic_fetch_or(&pool->stale[slot / 32], 1u << slot % 32,
                      __ATOMIC_SEQ_CST);
}
