/* SPDX-License-Identifier: MIT */
/*
 * TLB coherence: what must be flushed, everywhere it may be cached. The order
 * that every caller keeps: change the tables under their lock, flush, and only
 * then free frames or reuse addresses.
 */
#ifndef MM_TLB_H
#define MM_TLB_H

#include "kernel/types.h"

struct mm;

/* Above so many pages everything is flushed instead of page by page. */
#define FLUSH_ALL_ABOVE 32

/* Written by its CPU before it asks, with interrupts off until all are done. */
struct flush_request {
    const struct mm *mm; /* NULL: kernel addresses, in every MM */
    uint32_t start, end; /* bytes; end is exclusive */
};

/*
 * Drop the pages of [start, end) on every CPU that may cache translations of
 * `mm`. The tables are changed already; when it returns no CPU can reach what
 * they held before. May be called with locks held.
 */
void tlb_flush_range(struct mm *mm, uint32_t start, uint32_t end);

/* Drop everything, global entries too, on every CPU. */
void tlb_flush_kernel(void);

#endif
