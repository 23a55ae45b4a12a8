/* SPDX-License-Identifier: MIT */
/*
 * Page tables, for portable code: enter, remove, look up, activate. An entry
 * is changed only under the lock of the quarter it belongs to (kernel entries:
 * under that of their address allocator); the hardware's walkers read it at
 * any time. Flushing is not done here: mm/tlb.h.
 */
#pragma once

#include "kernel/types.h"

struct frame;

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

/* The tables of one MM. Below 4 GiB, the root 32-byte aligned. */
struct page_tables {
    uint64_t *root;         /* the PDPT: four entries, fixed from birth */
    uint32_t cr3;           /* its physical address */
    uint64_t *directory[4]; /* kernel addresses of the page directories */
    uint32_t tables;        /* page tables below user directories: atomic */
    struct table_range {
        uint32_t first, end; /* in bytes: where a quarter ever had tables */
    } range[3];              /* under the quarters' locks */
};

struct mapping {
    struct frame *frame; /* NULL: nothing is mapped */
    uint32_t flags;      /* MAP_* */
};

/* Build the kernel's own tables and load them. Boot CPU, once. */
void paging_init(void);

/* First physical address behind the direct map. */
phys_t paging_low_end(void);

/* All four directories, the kernel's entries in the last. 0 or -ENOMEM. */
int page_tables_create(struct page_tables *tables);

/*
 * Free the directories and root. No CPU has them loaded, all tables are taken
 * out (page_table_remove).
 */
void page_tables_destroy(struct page_tables *tables);

/*
 * Map a user page. Nothing may be there. 0, or -ENOMEM for want of a table. No
 * flush is needed: nothing was present (SDM vol. 3, 4.10.4.3).
 */
int page_enter(struct page_tables *tables, uint32_t address,
               const struct frame *frame, uint32_t flags);

/* What is mapped at a user address. */
struct mapping page_lookup(const struct page_tables *tables, uint32_t address);

/* Unmap a user page; returns what was there. A flush must follow. */
struct mapping page_remove(struct page_tables *tables, uint32_t address);

/*
 * Give a mapped user page other rights; accessed and dirty bits stay. A flush
 * must follow unless there are only more rights.
 */
void page_protect(struct page_tables *tables, uint32_t address, uint32_t flags);

/* The mapped pages of a range that lies in one quarter, one after the other. */
struct page_walk {
    const struct page_tables *tables;
    uint32_t address, end;  /* the page it is at; where the range ends */
    uint64_t *entry, *stop; /* its entry; where its table, or the range, ends */
    struct mapping mapped;  /* what is there */
};

/* To the first page, to the next one; false if there is none. */
bool page_walk_start(struct page_walk *walk, const struct page_tables *tables,
                     uint32_t start, uint32_t end);
bool page_walk_next(struct page_walk *walk);

#define for_each_page(walk, tables, start, end)                       \
    for (bool more_pages = page_walk_start(walk, tables, start, end); \
         more_pages; more_pages = page_walk_next(walk))

/* page_remove() and page_protect() where the walk is. */
struct frame *page_walk_remove(struct page_walk *walk);
void page_walk_protect(struct page_walk *walk, uint32_t flags);

/*
 * Take out the lowest page table all of whose pages lie in [*address, end),
 * which are unmapped. *address becomes the end of what it mapped. A flush of a
 * page in it must come before its frame is freed. NULL: there is none.
 */
struct frame *page_table_remove(struct page_tables *tables, uint32_t *address,
                                uint32_t end);

/* Map, unmap a page of the global kernel area. Its tables exist from boot. */
void kernel_map(uintptr_t address, phys_t page, uint32_t flags);
phys_t kernel_unmap(uintptr_t address);

/* Load a root (NULL: the kernel's own), dropping non-global entries. */
void paging_activate(const struct page_tables *tables);

/* Of this CPU only. */
void tlb_flush_local_page(uintptr_t address);
void tlb_flush_local_all(void);    /* but global entries */
void tlb_flush_local_global(void); /* those too */
