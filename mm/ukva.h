/* SPDX-License-Identifier: MIT */
/*
 * UKVA: the kernel-only region that belongs to an MM, UKVA_START to UKVA_END.
 * An address in it means something only while that MM is loaded, so it is kept
 * in fields of type ukva_t (task.h) and never where another MM may follow it.
 * Nothing lies at a fixed address: tasks of one MM share the region as they
 * share all of the MM, so each must be given a place of its own (Torvalds,
 * 2002). Each range has an unmapped guard page below.
 */
#pragma once

#include "kernel/spinlock.h"
#include "kernel/types.h"
#include "mm/slots.h"

struct area;
struct frame;
struct mm;

#define UKVA_BATCH 32 /* ranges, at most, that are freed at once */

struct ukva {
    struct spinlock lock; /* guards what follows, and the region's tables */
    struct area *areas;   /* addresses that are taken, guard pages too */
    uint32_t kept_count;  /* stacks that are kept mapped for reuse */
    uintptr_t kept; /* the first; each begins with the next one's address */

    uint32_t pages;         /* mapped; atomic */
    struct frame *newest;   /* page of it: for who made the MM and one stack */
    struct slot_pool slots; /* kmap_ukva.c; has its own lock */
};

void ukva_init(struct ukva *ukva);

/*
 * Take `pages` addresses; the first, or 0 when memory or addresses are out.
 * Takes RANK_UKVA and what allocating takes; does not sleep.
 */
uintptr_t ukva_take(struct mm *mm, uint32_t pages);

/* The same, mapped to fresh frames from anywhere. */
uintptr_t ukva_alloc(struct mm *mm, uint32_t pages);

/*
 * Unmap what ukva_alloc() returned, everywhere, and free it: a chain of ranges
 * of the current MM, `pages` each, which begin with the next one's address. May
 * interrupt other CPUs, once; no lock is held meanwhile.
 */
void ukva_free(struct mm *mm, uintptr_t chain, uint32_t pages);

/* Free everything in the region of an MM that nobody has loaded. */
void ukva_destroy(struct mm *mm);
