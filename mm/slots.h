/* SPDX-License-Identifier: MIT */
/*
 * A pool of slots for temporary mappings that several CPUs share: pages at
 * contiguous kernel addresses. A slot whose mapping was given up is stale: some
 * CPU may still have it in its TLB, by speculation even if it never used it.
 * Stale slots are used again half a pool at a time:
 *
 *   clean    may be taken
 *   taken    somebody holds it, or it is one of these:
 *   stale    given up, its entry still there
 *   cleared  its entry is gone, and the flush that must follow is counted
 *
 * When no slot of a half is clean, the stale ones are cleared, a flush is
 * counted (tlb.h) but not yet asked for, and slots are taken from the other
 * half. Only when they are needed again the CPUs are asked, and those that have
 * loaded CR3 since the count need not be: the flush rides on their switches.
 *
 * Taking a slot and giving it up is one locked instruction each on the bit map;
 * only who turns to the other half takes the lock.
 */
#pragma once

#include "kernel/spinlock.h"
#include "kernel/types.h"

#define POOL_SLOTS 256
#define POOL_WORDS (POOL_SLOTS / 32)
#define HALF_WORDS (POOL_WORDS / 2)

struct mm;

struct slot_pool {
    /* Fixed after creation. */
    uintptr_t start;
    struct mm *mm; /* whose region it lies in; NULL: everybody's */

    /* Atomic. */
    uint32_t taken[POOL_WORDS], stale[POOL_WORDS];
    uint32_t word; /* in which slots are looked for, in the half in use */

    struct spinlock lock;   /* guards the rest, and changes of `word` */
    uint32_t generation[2]; /* of the flush that cleared slots wait for */
    uint32_t cleared[POOL_WORDS];
};

void slots_init(struct slot_pool *pool, uintptr_t start, struct mm *mm);
