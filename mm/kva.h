/* SPDX-License-Identifier: MIT */
/*
 * The global kernel area, KVA_START to KVA_END: addresses that mean the same
 * under every MM, for device registers and for stacks of CPUs, of kernel
 * threads and, under kstack=lowmem, of all tasks. Slots for temporary mappings
 * come first (kmap.h). Every range has an unmapped guard page below.
 *
 * An address is used again only after every CPU has flushed it: freed ranges
 * collect until there are enough for one flush of all CPUs (or until somebody
 * needs them), and only then can be handed out.
 */
#pragma once

#include "kernel/types.h"
#include "machine/layout.h"
#include "mm/frame.h"

/* Set up the area. Boot, once, after frame_init(). */
void kva_init(void);

/*
 * Map `pages` fresh frames at contiguous addresses. Returns the first, or NULL.
 * Takes RANK_KVA, RANK_FRAME; does not sleep.
 */
void *kva_alloc(uint32_t pages, enum frame_want want);

/*
 * Unmap what kva_alloc() returned, same page count, and free its frames once
 * no CPU can reach them. May interrupt other CPUs; no lock that a CPU may spin
 * for with calls unserved is held: see kernel/call.h.
 */
void kva_free(void *start, uint32_t pages);

/*
 * Map physical memory for good or until kva_unmap(), at any alignment: device
 * registers uncached, firmware tables cached. Panics when the area is full.
 */
void *kva_map_io(phys_t start, uint32_t bytes);
void *kva_map_memory(phys_t start, uint32_t bytes);
void kva_unmap(void *address, uint32_t bytes);

/* Flush and make reusable what was freed; for exact counts and shortages. */
void kva_settle(void);

uint32_t kva_used_bytes(void);
