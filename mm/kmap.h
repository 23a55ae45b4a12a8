/* SPDX-License-Identifier: MIT */
/*
 * Temporary mappings of single pages. Low frames need none: they are in the
 * direct map. A high frame gets one of this CPU's slots in the global kernel
 * area; the slot's old translation is invalidated on this CPU at each use, and
 * no other CPU ever uses it. So the caller must not sleep before kunmap(), and
 * mappings are undone last in, first out.
 */
#pragma once

#include "kernel/types.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "mm/frame.h"

#define KMAP_SLOTS 4 /* a CPU, and thus the depth of nesting */

/* Map a frame writable. Never fails; takes no lock. */
static inline void *kmap(struct frame *frame);

/* Map the page at a physical address, RAM or not, writable. */
void *kmap_phys(phys_t page);

/* Undo the latest mapping; takes what kmap() returned. */
static inline void kunmap(void *address);

/* The same for high frames only, and for slots of theirs. */
void *kmap_high(phys_t page);
void kunmap_high(void *address);

static inline void *kmap(struct frame *frame)
{
    return frame->zone == ZONE_LOW ? frame_virtual(frame)
                                   : kmap_high(frame_phys(frame));
}

static inline void kunmap(void *address)
{
    if ((uintptr_t)address - KVA_START < KVA_END - KVA_START)
        kunmap_high(address);
}

/* What a page of user memory or a table is made of; of any frame. */
static inline void frame_clear(struct frame *frame)
{
    void *page = kmap(frame);
    page_clear(page);
    kunmap(page);
}

static inline void frame_copy(struct frame *to, struct frame *from)
{
    void *source = kmap(from), *target = kmap(to);
    page_copy(target, source);
    kunmap(target);
    kunmap(source);
}
