/* SPDX-License-Identifier: MIT */
/*
 * Temporary mappings of single pages. Low frames need none: they are in the
 * direct map. A high frame gets a slot of a pool; which pools there are, and
 * who must flush a slot's old translation before it shows another page, is a
 * policy (kmap=).
 *
 * Whoever holds a mapping does not sleep. Some pools would allow it, the
 * per-CPU one does not; and since the kernel does not preempt itself, no more
 * mappings are ever in use than CPUs times KMAP_NEST. So a pool of that size
 * cannot run out, and nobody waits for a slot. Mappings are given up in any
 * order.
 */
#pragma once

#include "kernel/types.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "mm/frame.h"
#include "mm/slots.h"

#define KMAP_NEST 6 /* mappings that a CPU may hold at once */

/* Slots at the start of the global kernel area: per CPU, then the pool. */
#define KMAP_START       KVA_START
#define KMAP_CPU_PAGES   (MAX_CPUS * KMAP_NEST)
#define KMAP_POOL_START  (KMAP_START + KMAP_CPU_PAGES * PAGE_SIZE)
#define KMAP_START_PAGES (KMAP_CPU_PAGES + POOL_SLOTS)

struct mm;

struct kmap_pools {
    const char *name;
    uintptr_t (*map)(phys_t page);
    void (*unmap)(uintptr_t address);
    /* What an MM needs of its own; NULL: nothing. 0 or -ENOMEM. */
    int (*prepare)(struct mm *mm);
};

extern const struct kmap_pools kmap_atomic, kmap_global, kmap_ukva;
extern const struct kmap_pools *kmap_pools; /* the policy in force */

/* Choose what the boot option asks for. Boot, before the first MM. */
void kmap_init(void);

/* Map a frame writable. Never fails. */
static inline void *kmap(struct frame *frame);

/* Map the page at a physical address, RAM or not, writable. */
void *kmap_phys(phys_t page);

/*
 * Undo a mapping, given an address in it. What no pool has mapped, such as the
 * direct map and the self map, is left alone.
 */
static inline void kunmap(void *address);

/* The same for high frames only, and for addresses of pools. */
void *kmap_high(phys_t page);
void kunmap_high(void *address);

static inline void *kmap(struct frame *frame)
{
    return frame->zone == ZONE_LOW ? frame_virtual(frame)
                                   : kmap_high(frame_phys(frame));
}

static inline void kunmap(void *address)
{
    if ((uintptr_t)address - KVA_START < SELF_MAP - KVA_START)
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
