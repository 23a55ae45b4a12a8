/* SPDX-License-Identifier: MIT */
/*
 * 64-bit entries of PAE tables, read and written by a 32-bit CPU while the
 * walkers of all CPUs may look at them (SDM vol. 3, 4.4 and 4.10). A walker
 * reads the entry in one piece; we store two. So:
 *
 *   making present     high word first, then the low word with the P bit
 *   making absent      XCHG of the low word (keeps the last A and D that the
 *                      walker set, and is a full fence), then the high word
 *   other rights       CMPXCHG8B of the whole entry, so that no A or D that a
 *                      walker sets meanwhile is lost
 *   reading            low, high, low again: the same low word means that the
 *                      high one belongs to it, because every change of frame
 *                      goes through absent
 *
 * An entry whose low word is not zero is in use; without the P bit it is held:
 * it has its frame, but neither walkers nor programs see it; or it is swapped:
 * a slot's number stands where the frame's was.
 */
#pragma once

#include "kernel/types.h"

typedef uint64_t pte_t;

#define PTE_PRESENT       (1ull << 0)
#define PTE_WRITE         (1ull << 1)
#define PTE_USER          (1ull << 2)
#define PTE_WRITE_THROUGH (1ull << 3)
#define PTE_UNCACHED      (1ull << 4)
#define PTE_ACCESSED      (1ull << 5)
#define PTE_DIRTY         (1ull << 6)
#define PTE_LARGE         (1ull << 7) /* in a directory: a 2 MiB page */
#define PTE_GLOBAL        (1ull << 8)
#define PTE_HELD          (1ull << 9)  /* ignored by walkers: not present */
#define PTE_EXECUTE       (1ull << 10) /* ignored by walkers: not NX */
#define PTE_SWAPPED       (1ull << 11) /* ignored by walkers: not present */
#define PTE_NX            (1ull << 63)

/* Address bits up to the architecture's limit of 52 (MAXPHYADDR is less). */
#define PTE_ADDRESS 0x000ffffffffff000ull

#define ENTRIES     512
#define LARGE_PAGE  0x200000u
#define LARGE_SHIFT 21

static inline uint32_t directory_index(uint32_t address)
{
    return address >> LARGE_SHIFT & (ENTRIES - 1);
}

static inline uint32_t table_index(uint32_t address)
{
    return address >> PAGE_SHIFT & (ENTRIES - 1);
}

static inline pte_t pte_read(const pte_t *entry)
{
    const volatile uint32_t *word = (const volatile uint32_t *)entry;
    uint32_t low, high;
    do {
        low = word[0];
        high = word[1];
    } while (word[0] != low);
    return (uint64_t)high << 32 | low;
}

/* Fill an entry that is not present. */
static inline void pte_set(pte_t *entry, pte_t value)
{
    volatile uint32_t *word = (volatile uint32_t *)entry;
    word[1] = (uint32_t)(value >> 32);
    word[0] = (uint32_t)value; /* x86 does not reorder stores */
}

/* Replace all but the bits in `keep`; returns what was there before. */
static inline pte_t pte_change(pte_t *entry, pte_t keep, pte_t bits)
{
    pte_t old = pte_read(entry);
    bool done = false;
    do {
        pte_t new = (old & keep) | bits;
        __asm__ volatile("lock cmpxchg8b %1"
                         : "=@ccz"(done), "+m"(*entry), "+A"(old)
                         : "b"((uint32_t) new), "c"((uint32_t)(new >> 32))
                         : "memory");
    } while (!done);
    return old;
}

/* Make an entry absent; returns it with its last A and D bits. */
static inline pte_t pte_clear(pte_t *entry)
{
    uint32_t *word = (uint32_t *)entry;
    uint32_t low = __atomic_exchange_n(&word[0], 0, __ATOMIC_SEQ_CST);
    uint32_t high = __atomic_exchange_n(&word[1], 0, __ATOMIC_RELAXED);
    return (uint64_t)high << 32 | low;
}
