/* SPDX-License-Identifier: MIT */
/*
 * Page tables, for portable code: enter, remove, look up, activate. An entry
 * is changed only under the lock of the quarter it belongs to (kernel entries:
 * under that of their address allocator); the hardware's walkers read it at
 * any time. Flushing is not done here: mm/tlb.h.
 *
 * Where tables lie, and so how an entry is reached, is a policy (pt=). It may
 * take a temporary mapping: nobody sleeps in the middle of a walk.
 */
#pragma once

#include "kernel/types.h"
#include "mm/frame.h"

/*
 * What a mapping allows beyond reading, and what is known of it. The values
 * are the bits of an entry's low word: there is nothing to translate.
 */
#define MAP_WRITE    0x002u
#define MAP_USER     0x004u
#define MAP_UNCACHED 0x018u
#define MAP_ACCESSED 0x020u /* by the CPU, since it was entered */
#define MAP_DIRTY    0x040u
#define MAP_GLOBAL   0x100u /* the same in every MM: survives CR3 loads */
#define MAP_HELD     0x200u /* has its frame, but nobody may access it */
#define MAP_EXECUTE  0x400u
#define MAP_SWAPPED  0x800u /* not here: the frame's number is a swap slot's */

/* The tables of one MM. The root lies below 4 GiB, 32-byte aligned. */
struct page_tables {
    uint64_t *root;         /* the PDPT: four entries, fixed from birth */
    uint32_t cr3;           /* its physical address */
    uint32_t tables;        /* page tables below user directories: atomic */
    uint32_t kernel_tables; /* those of its own kernel region */
    uint32_t low;           /* of all these and the directories: in low memory;
                               atomic */
    struct table_range {
        uint32_t first, end; /* in bytes: where a quarter ever had tables */
    } range[3];              /* under the quarters' locks */
};

#define DIRECTORIES 4

struct mapping {
    struct frame *frame; /* NULL: nothing is mapped; MAP_SWAPPED: no frame, */
    uint32_t flags;      /* MAP_*             but swap_slot() knows what    */
};

#define FRAME_BITS 20 /* of a frame's number, in the low word */

/* What the two words of an entry say. */
static inline struct mapping page_mapping(uint32_t low, uint32_t high)
{
    struct mapping m = {NULL, low & (PAGE_MASK & ~1u)};
    if (low) /* what is shifted out of the high word is NX */
        m.frame = frame_table + (low >> PAGE_SHIFT | high << FRAME_BITS);
    return m;
}

/* Build the kernel's own tables and load them. Boot CPU, once. */
void paging_init(void);

/* First physical address behind the direct map. */
phys_t paging_low_end(void);

/* The name of the policy in force. */
const char *page_tables_policy(void);

/*
 * All four directories; the kernel's entries in the last, and the self map: the
 * MM's own tables seen through themselves while it is loaded. 0 or -ENOMEM.
 */
int page_tables_create(struct page_tables *tables);

/*
 * Free the directories and root, and all that the MM's own kernel region maps.
 * No CPU has them loaded, all user tables are taken out (page_table_remove).
 */
void page_tables_destroy(struct page_tables *tables);

/*
 * Map a user page. Nothing may be there. 0, or -ENOMEM for want of a table. No
 * flush is needed: nothing was present (SDM vol. 3, 4.10.4.3).
 */
int page_enter(struct page_tables *tables, uint32_t address,
               const struct frame *frame, uint32_t flags);

/* What is mapped at an address of the user's, or of the own kernel region. */
struct mapping page_lookup(const struct page_tables *tables, uint32_t address);

/* Unmap a user page; returns what was there. A flush must follow. */
struct mapping page_remove(struct page_tables *tables, uint32_t address);

/*
 * Give a mapped user page other rights; accessed and dirty bits stay. A flush
 * must follow unless there are only more rights.
 */
void page_protect(struct page_tables *tables, uint32_t address, uint32_t flags);

/* Where pages are entered one after the other: in what table, for a while. */
struct page_cursor {
    struct page_tables *tables;
    uint64_t *directory; /* NULL: none yet; of the quarter of `base` */
    uint64_t *table;     /* NULL: none yet */
    uint32_t base;       /* what it maps begins there */
};

/* page_enter() for such a row of pages; nobody sleeps until it has ended. */
int page_cursor_enter(struct page_cursor *cursor, uint32_t address,
                      const struct frame *frame, uint32_t flags);
void page_cursor_end(struct page_cursor *cursor);

/*
 * The mapped pages of a range that lies in one quarter, one after the other. A
 * walk that has come to its end holds nothing any more.
 */
struct page_walk {
    const struct page_tables *tables;
    uint32_t address, end;  /* the page it is at; where the range ends */
    uint64_t *entry, *stop; /* its entry; where its table, or the range, ends */
    struct mapping mapped;  /* what is there */
};

/* To the first page, to the next one; false if there is none. */
bool page_walk_start(struct page_walk *walk, const struct page_tables *tables,
                     uint32_t start, uint32_t end);
static inline bool page_walk_next(struct page_walk *walk);

/* To one that is not the next in the table. */
bool page_walk_on(struct page_walk *walk);

/* Only walkers change an entry meanwhile, and only its low word. */
static inline bool page_walk_next(struct page_walk *walk)
{
    const volatile uint32_t *next =
        (const volatile uint32_t *)(walk->entry + 1);
    uint32_t low = 0;
    if (walk->entry + 1 < walk->stop)
        low = next[0];
    if (!low)
        return page_walk_on(walk);
    walk->entry++;
    walk->address += PAGE_SIZE;
    walk->mapped = page_mapping(low, next[1]);
    return true;
}

/* To leave a walk before it has come to its end. */
void page_walk_end(struct page_walk *walk);

#define for_each_page(walk, tables, start, end)                       \
    for (bool more_pages = page_walk_start(walk, tables, start, end); \
         more_pages; more_pages = page_walk_next(walk))

/* page_remove() and page_protect() where the walk is. */
struct frame *page_walk_remove(struct page_walk *walk);
void page_walk_protect(struct page_walk *walk, uint32_t flags);

/*
 * Where the walk is: clear the accessed bit, true if it was set; put a swap
 * entry in place of the page. A flush must follow both.
 */
bool page_walk_age(struct page_walk *walk);
void page_walk_swap(struct page_walk *walk, uint32_t slot);

/*
 * Take out the lowest page table all of whose pages lie in [*address, end),
 * which are unmapped. *address becomes the end of what it mapped. A flush of
 * all of that must come before its frame is freed: the table itself is a page
 * of the self map, and goes with a flush of everything. NULL: there is none.
 */
struct frame *page_table_remove(struct page_tables *tables, uint32_t *address,
                                uint32_t end);

/* Free a table that was taken out, its flush done. It may be kept for reuse. */
void page_table_free(struct frame *table);

/* Give those that are kept back. */
void page_tables_settle(void);

/*
 * Map a frame in the kernel region of an MM, current or not, where nothing is;
 * unmap a page of it, after which a flush must follow: the frame that was
 * there. The region's lock is held; 0, or -ENOMEM for want of a table.
 */
int ukva_enter(struct page_cursor *cursor, uintptr_t address,
               const struct frame *frame);
struct frame *ukva_remove(struct page_cursor *cursor, uintptr_t address);

/* Let there be tables for [start, end) of that region. 0 or -ENOMEM. */
int ukva_make_tables(struct page_tables *tables, uintptr_t start,
                     uintptr_t end);

/* Load a root (NULL: the kernel's own), dropping non-global entries. */
void paging_activate(const struct page_tables *tables);

/* Of this CPU only. */
void tlb_flush_local_page(uintptr_t address);
void tlb_flush_local_all(void);    /* but global entries */
void tlb_flush_local_global(void); /* those too */
