/* SPDX-License-Identifier: MIT */
/*
 * An MM is what CR3 names: a root, three user quarters of 1 GiB each, and the
 * set of CPUs that may cache its translations. A quarter owns areas, tables
 * and their lock; an area never crosses a quarter's border. (Later, quarters
 * can be shared between MMs, which is why they are not part of the MM.)
 */
#ifndef MM_MM_H
#define MM_MM_H

#include "kernel/mutex.h"
#include "kernel/types.h"
#include "machine/layout.h"
#include "machine/paging.h"

#define MM_PATH 256 /* bytes of a program's path, with its end */

struct abi_mm;
struct source;

/* A run of pages with the same rights. [start, end), page-aligned. */
struct area {
    struct area *next; /* ascending by address */
    uint32_t start, end;
    uint32_t flags; /* MAP_WRITE, MAP_EXECUTE */
};

struct quarter {
    struct mutex lock; /* areas, and the tables below its directory */
    uint32_t index;    /* 0 .. 2: the top two bits of its addresses */
    struct area *areas;
    uint32_t area_count, pages; /* mapped */
};

struct mm {
    /* Fixed after creation. */
    uint32_t id;
    struct page_tables tables;
    struct quarter *quarter[USER_QUARTERS];

    /* Fixed once the program is loaded. */
    char program_path[MM_PATH];

    /* Atomic. */
    uint32_t tasks; /* that use it; the last one destroys it */
    cpu_mask cpus;  /* that may cache its translations */

    struct mutex lock;               /* the fields below */
    uint32_t break_start, break_end; /* the heap: end is exact, in bytes */

    struct mm *next, *previous; /* all MMs, under mm.c's lock */
};

/* A new MM without areas, with one task. NULL when memory is out. */
struct mm *mm_create(void);

/* One more task uses it. */
void mm_get(struct mm *mm);

/*
 * One task less. The last one removes all areas and pages, on its own stack
 * and with the MM still loaded; then true: mm_destroy() must follow.
 */
bool mm_release(struct mm *mm);

/*
 * Free what is left of an MM that no task uses: tables and record. This CPU has
 * another root loaded; others that still borrow this one are made to leave.
 */
void mm_destroy(struct mm *mm);

/*
 * Add an area of zeroed pages, [start, end), page-aligned, in as many pieces
 * as quarters it touches. -EINVAL: not user addresses; -EEXIST: overlaps;
 * -ENOMEM. Nothing is mapped yet. Takes the quarters' locks, one at a time.
 */
int mm_map(struct mm *mm, uint32_t start, uint32_t end, uint32_t flags);

/*
 * Remove all areas and pages in [start, end), flush, free. 0 or -ENOMEM (an
 * area would have to be split). Takes the quarters' locks.
 */
int mm_unmap(struct mm *mm, uint32_t start, uint32_t end);

/*
 * Copy `bytes` bytes of `source`, from `offset`, into user pages that need not
 * be loaded here and may be read-only for the program: for exec. -EFAULT
 * outside of areas, -ENOMEM, -EIO.
 */
int mm_load(struct mm *mm, uint32_t address, const struct source *source,
            uint32_t offset, uint32_t bytes);

/*
 * Give the page at `address` a frame if its area allows the access (MAP_WRITE,
 * MAP_EXECUTE or 0 for a read). 0: try again; -EFAULT: no right to it;
 * -ENOMEM. Takes the quarter's lock; sleeps.
 */
int mm_fault(struct mm *mm, uint32_t address, uint32_t access);

/*
 * Set the end of the heap; returns the end in force afterwards, as brk does.
 */
uint32_t mm_set_break(struct mm *mm, uint32_t end);

/*
 * Switching MMs, interrupts off: mm_enter() announces this CPU to `next`, then
 * the caller loads its root, then mm_entered() takes the CPU out of the old
 * MM's mask. NULL stands for the kernel's own root.
 */
void mm_enter(struct mm *next);
void mm_entered(struct mm *next);

/* All three steps in one, on a stack that is valid under both roots. */
void mm_activate(struct mm *next);

/* Row `index` of QUERY_MMS; false past the end. */
bool mm_row(uint32_t index, struct abi_mm *row);

#endif
