/* SPDX-License-Identifier: MIT */
/* Shared pools of slots: see slots.h. */
#include "mm/slots.h"

#include "kernel/counters.h"
#include "kernel/panic.h"
#include "kernel/stop.h"
#include "mm/slots_map.h"
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
    STOP_POINT(slots_cleared);
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

void slots_go_on(struct slot_pool *pool, uint32_t w)
{
    spin_lock(&pool->lock);
    uint32_t half = w / HALF_WORDS, next = w + 1;
    if (pool->word == w) { /* else somebody was faster */
        if (next / HALF_WORDS != half) {
            clear_half(pool, half);
            clean_half(pool, !half);
            next = !half * HALF_WORDS;
        }
        __atomic_store_n(&pool->word, next, __ATOMIC_RELAXED);
    }
    spin_unlock(&pool->lock);
}
