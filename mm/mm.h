/* SPDX-License-Identifier: MIT */
/*
 * An MM is what CR3 names: a root, three user quarters of 1 GiB each, and the
 * set of CPUs that may cache its translations. A quarter owns areas, tables
 * and their lock; an area never crosses a quarter's border. (Later, quarters
 * can be shared between MMs, which is why they are not part of the MM.)
 */
#pragma once

#include "kernel/list.h"
#include "kernel/mutex.h"
#include "kernel/types.h"
#include "machine/layout.h"
#include "machine/paging.h"

#define MM_PATH 256 /* bytes of a program's path, with its end */

struct abi_mm;
struct area;
struct object;
struct source;

struct quarter {
    struct mutex lock;  /* areas, and the tables below its directory */
    uint32_t index;     /* 0 .. 2: the top two bits of its addresses */
    struct area *areas; /* a tree: area.h */
    uint32_t area_count;
    uint32_t pages; /* that have a frame */
    bool shares;    /* has, or once had, a shared area; read without the lock by
                       futex.c */
};

struct mm {
    /* Fixed after creation. */
    uint32_t id;
    struct page_tables tables;
    struct quarter *quarter[USER_QUARTERS];

    /* Atomic. */
    uint32_t tasks;      /* that use it; the last one destroys it */
    cpu_mask cpus;       /* that may cache its translations */
    uint32_t generation; /* flushes asked for: see tlb.h */
    uint32_t pages;      /* of addresses that areas cover */

    /* Which areas there are changes only under this lock and a quarter's. */
    struct mutex lock;
    uint32_t break_start, break_end; /* the heap: end is exact, in bytes */
    uint32_t map_top;                /* room is looked for below, first */
    bool moving; /* mremap moves pages: faults wait; read under a quarter's */

    /* Fixed once the program is loaded. */
    struct object *program; /* the file that runs */
    char program_path[MM_PATH];

    LINKS(mm) all; /* under mm.c's lock */
};

/* A new MM without areas, with one task. NULL when memory is out. */
struct mm *mm_create(void);

/* One more task uses it. */
void mm_get(struct mm *mm);

/*
 * One task less; true if it was the last one: mm_clear() and mm_destroy() must
 * follow. Else the MM may be gone when this returns.
 */
bool mm_drop(struct mm *mm);

/* Remove all areas and pages of an MM that no task uses. May sleep. */
void mm_clear(struct mm *mm);

/*
 * Free what is left of an MM that no task uses: tables and record. This CPU has
 * another root loaded; others that still borrow this one are made to leave.
 */
void mm_destroy(struct mm *mm);

/* All three, for an MM that is not loaded here: one task, or user, less. */
void mm_put(struct mm *mm);

/* The part of [start, end) that lies in quarter q; false: there is none. */
static inline bool quarter_clip(uint32_t q, uint32_t start, uint32_t end,
                                uint32_t *from, uint32_t *to)
{
    uint32_t first = q << QUARTER_SHIFT, behind = first + QUARTER_BYTES;
    *from = start > first ? start : first;
    *to = end < behind ? end : behind;
    return *from < *to;
}

/* Run over the quarters that [start, end) touches, with its part in each. */
#define for_each_quarter(q, start, end, from, to)                          \
    for (uint32_t q = (start) >> QUARTER_SHIFT;                            \
         q < USER_QUARTERS && quarter_clip(q, start, end, &(from), &(to)); \
         q++)

/* Whether areas may cover so many more pages: RLIMIT_AS. */
bool mm_may_add(const struct mm *mm, uint32_t pages);

/*
 * Copy `bytes` bytes of `source`, from `offset`, into user pages of an MM that
 * need not be loaded here, whatever the areas allow the program: for exec.
 * -EFAULT outside of areas, -ENOMEM, -EIO. A NULL source gives zeros.
 */
int mm_load(struct mm *mm, uint32_t address, const struct source *source,
            uint32_t offset, uint32_t bytes);

/*
 * Give the page at `address` a frame if its area allows the access (AREA_WRITE,
 * AREA_EXECUTE or 0 for a read). 0: try again; -EFAULT: no area; -EACCES: no
 * right to it; -ENXIO: behind the end of what the area shows; -ENOMEM: the
 * program was chosen to be ended. Takes the quarter's lock, perhaps the MM's;
 * sleeps.
 */
int mm_fault(struct mm *mm, uint32_t address, uint32_t access);

/*
 * A copy of the current task's MM for a child: the same areas, private pages
 * shared until one side writes. NULL when memory is out. Write permission is
 * gone on all CPUs when it returns. Takes the MM's and the quarters' locks.
 */
struct mm *mm_fork(struct mm *parent);

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
