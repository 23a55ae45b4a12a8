/* SPDX-License-Identifier: MIT */
/*
 * Page tables, for portable code: enter, remove, look up, activate. An entry
 * is changed only under the lock of the quarter it belongs to (kernel entries:
 * under that of their address allocator); the hardware's walkers read it at
 * any time. Flushing is not done here: mm/tlb.h.
 */
#ifndef MACHINE_PAGING_H
#define MACHINE_PAGING_H

#include "kernel/types.h"

struct frame;

/* What a mapping allows, beyond reading. */
#define MAP_WRITE    1u
#define MAP_EXECUTE  2u
#define MAP_USER     4u
#define MAP_GLOBAL   8u /* the same in every MM: survives CR3 loads */
#define MAP_UNCACHED 16u
#define MAP_HELD     32u /* has its frame, but nobody may access it */

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
    bool accessed, dirty;
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

/* Unmap a user page; returns what was there. A flush must follow. */
struct mapping page_remove(struct page_tables *tables, uint32_t address);

/*
 * Give a mapped user page other rights; accessed and dirty bits stay. Returns
 * what was there. A flush must follow unless there are only more rights.
 */
struct mapping page_protect(struct page_tables *tables, uint32_t address,
                            uint32_t flags);

/* What is mapped at a user address. */
struct mapping page_lookup(const struct page_tables *tables, uint32_t address);

/*
 * The first mapped user page at or after `address` and below `end`, or `end`.
 * Both in the same quarter; steps over absent tables.
 */
uint32_t page_next(const struct page_tables *tables, uint32_t address,
                   uint32_t end);

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

#endif
