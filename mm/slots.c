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

/*
 * Clear the stale slots of the half that is used up, and count their flush. A
 * slot that is given up from here on waits for the next time.
 */
static void clear_half(struct slot_pool *pool, uint32_t half)
    REQUIRES(pool->lock)
{
    uint32_t first = half * HALF_WORDS;
    for (uint32_t w = first; w < first + HALF_WORDS; w++) {
        uint32_t stale =
            __atomic_exchange_n(&pool->stale[w], 0, __ATOMIC_SEQ_CST);
        pool->cleared[w] |= stale;
        for (; stale; stale &= stale - 1)
            kernel_unmap(
                address_of(pool, w * 32 + (uint32_t)__builtin_ctz(stale)));
    }
    /* A locked addition: after the entries are seen to be gone. */
    pool->generation[half] = tlb_count_flush(pool->mm);
}

/*
 * What waits in a half is flushed by those who have not done so since it was
 * cleared, and is clean then.
 */
static void clean_half(struct slot_pool *pool, uint32_t half)
    REQUIRES(pool->lock)
{
    uint32_t first = half * HALF_WORDS, waiting = 0;
    for (uint32_t w = first; w < first + HALF_WORDS; w++)
        waiting |= pool->cleared[w];
    if (!waiting)
        return;
    counter_add(COUNTER_kmap_wraps, 1);
    tlb_flush_counted(pool->mm, pool->start,
                      pool->start + POOL_SLOTS * PAGE_SIZE,
                      pool->generation[half]);
    for (uint32_t w = first; w < first + HALF_WORDS; w++) {
        __atomic_fetch_and(&pool->taken[w], ~pool->cleared[w],
                           __ATOMIC_SEQ_CST);
        pool->cleared[w] = 0;
    }
}

/* Word w has no clean slot: look in the next one, or in the other half. */
static __attribute__((noinline)) void go_on(struct slot_pool *pool, uint32_t w)
{
    spin_lock(&pool->lock);
    uint32_t half = w / HALF_WORDS, next = w + 1;
    if (pool->word == w) { /* else somebody was faster */
        if (next / HALF_WORDS != half) {
            clear_half(pool, half);
            STOP_POINT(slots_cleared);
            clean_half(pool, !half);
            next = !half * HALF_WORDS;
        }
        __atomic_store_n(&pool->word, next, __ATOMIC_RELAXED);
    }
    spin_unlock(&pool->lock);
}

/* A clean slot, now taken; POOL_SLOTS: not yet. */
static inline uint32_t take(struct slot_pool *pool)
{
    uint32_t w = __atomic_load_n(&pool->word, __ATOMIC_RELAXED);
    uint32_t clean = ~__atomic_load_n(&pool->taken[w], __ATOMIC_RELAXED);
    if (!clean) {
        go_on(pool, w);
        return POOL_SLOTS;
    }
    uint32_t slot = (uint32_t)__builtin_ctz(clean);
    uint32_t before =
        __atomic_fetch_or(&pool->taken[w], 1u << slot, __ATOMIC_SEQ_CST);
    return before & 1u << slot ? POOL_SLOTS : w * 32 + slot;
}

uintptr_t slots_map(struct slot_pool *pool, phys_t page)
{
    uint32_t slot;
    /* A half may be full of slots that are held: then the other one is not. */
    while ((slot = take(pool)) == POOL_SLOTS)
        continue;
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
