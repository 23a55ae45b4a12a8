/* SPDX-License-Identifier: MIT */
/*
 * Swap slots. A slot is one page's contents, named by a number that stands in
 * page tables (MAP_SWAPPED) and in objects' tables; it has a reference for
 * each such place. It may also have a frame in memory: then the frame says so
 * (its owner is the table of slots, its offset the slot), and the table holds
 * one of the frame's references. So
 *
 *   - a frame that parent and child share gets one slot, whoever's entry is
 *     taken out first, and who comes back finds the frame or the slot;
 *   - a frame with a slot has more than one reference while anybody maps it:
 *     it is read-only, a write copies, the slot's contents never change;
 *   - when the table's reference is the last one, nobody maps it: it is
 *     written, if need be, and freed.
 *
 * What is mapped nowhere else comes back without its slot. docs/swap.md.
 */
#pragma once

#include "kernel/types.h"
#include "machine/paging.h"
#include "mm/frame.h"

struct backing;

#define SWAP_NONE UINT32_MAX

/* The slot that a swap entry names. */
static inline uint32_t swap_slot(struct mapping swapped)
{
    return frame_number(swapped.frame);
}

/* Use this store. Boot, once, after kva_init(). */
void swap_init(const struct backing *store);

/* How many slots there are, and how many of them are free. */
uint32_t swap_total(void);
uint32_t swap_free(void);

/*
 * The slot of a frame, one reference more, the caller's; it gets one if it has
 * none. SWAP_NONE: all are taken. Whoever else may map the frame can only read
 * it, and the caller is about to stop mapping it. Takes RANK_SWAP, as do all.
 */
uint32_t swap_take(struct frame *frame);

/* One reference more for one who has one; one less, which may free the slot. */
void swap_get(uint32_t slot);
void swap_put(uint32_t slot);

/*
 * The page of a slot in exchange for one of its references: a frame with a
 * reference for the caller. If that is the only one nobody else has the page.
 * 0, -ENOMEM or -EIO (the slot's reference stays). May sleep.
 */
MUST_CHECK int swap_in(uint32_t slot, struct frame **frame);

/*
 * If a slot's frame is in memory and nobody maps it or has it pinned: write
 * and free it. Whether it was freed. May sleep.
 */
bool swap_out(uint32_t slot);

/* The same for all slots, such as those whose frames were unmapped meanwhile.
 */
uint32_t swap_out_all(void);
