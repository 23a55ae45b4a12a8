/* SPDX-License-Identifier: MIT */
/*
 * Temporary mappings of single pages. Low frames need none: they are in the
 * direct map. A high frame gets one of this CPU's slots in the global kernel
 * area; the slot's old translation is invalidated on this CPU at each use, and
 * no other CPU ever uses it. So the caller must not sleep before kunmap(), and
 * mappings are undone last in, first out.
 */
#ifndef MM_KMAP_H
#define MM_KMAP_H

#include "kernel/types.h"

struct frame;

#define KMAP_SLOTS 4 /* a CPU, and thus the depth of nesting */

/* Map a frame writable. Never fails; takes no lock. */
void *kmap(struct frame *frame);

/* Map the page at a physical address, RAM or not, writable. */
void *kmap_phys(phys_t page);

/* Undo the latest mapping; takes what kmap() returned. */
void kunmap(void *address);

#endif
