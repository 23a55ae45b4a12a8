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
#include "mm/ukva.h"

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
    uint32_t pages; /* that have a frame or are swapped out */
    bool shares;    /* has, or once had, a shared area; read without the lock by
                       futex.c */
};

struct mm {
    /* Fixed after creation. */
    uint32_t id;
    struct page_tables tables;
    struct quarter *quarter[USER_QUARTERS];

    /* Atomic. */
    uint32_t users;      /* without one there are no areas any more */
    uint32_t holders;    /* tasks, and one for all users: see mm_create() */
    cpu_mask cpus;       /* that may cache its translations */
    uint32_t generation; /* flushes asked for: see tlb.h */
    uint32_t pages;      /* of addresses that areas cover */

    /* Which areas there are changes only under this lock and a quarter's. */
    struct mutex lock;
    uint32_t break_start, break_end; /* the heap: end is exact, in bytes */
    uint32_t map_top;                /* room is looked for below, first */
    bool runs;   /* atomic; before that, who builds it does so without locks,
                    and page-out leaves it alone */
    bool moving; /* mremap moves pages: faults wait; read under a quarter's */

    /* Fixed once the program is loaded. */
    struct object *program; /* the file that runs */

    struct ukva ukva; /* its own kernel region; has its own lock */

    LINKS(mm) all; /* under mm.c's lock */

    char program_path[MM_PATH]; /* fixed likewise; at the end: not zeroed */
};

/*
 * A new MM without areas, with one user, its maker. NULL when memory is out.
 *
 * Its life has two ends. With its last user its areas go, which may sleep. But
 * a task that has left stands on a kernel stack in the MM until it has moved to
 * its CPU's own, so each task holds the MM, too, and so do its users together:
 * when nobody holds it any more, its tables and its record go.
 */
struct mm *mm_create(void);

/* Its areas are in place: from now on others may look at it. */
static inline void mm_set_runs(struct mm *mm)
{
    __atomic_store_n(&mm->runs, true, __ATOMIC_RELEASE);
}

/* One more user. The caller is one, or knows that there is one. */
void mm_get(struct mm *mm);

/*
 * The same if it has a user still; false: it has none. Its record is there: the
 * caller found it in a task, under tasks_lock.
 */
bool mm_get_if_used(struct mm *mm);

/*
 * The newest MM that runs and is older than number `id`, with one more user, or
 * NULL: to go through them all without a lock. The user may become the last.
 */
struct mm *mm_get_below(uint32_t id);

/* A user less; the last one clears the MM. May sleep. */
void mm_leave(struct mm *mm);

/*
 * One more task will stand in it; one less. The last holder destroys it: other
 * CPUs that borrow it are made to leave it, this one has. Does not sleep.
 */
void mm_hold(struct mm *mm);
void mm_release(struct mm *mm);

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

/* Add up what the row of QUERY_SYSTEM says of all MMs. */
struct abi_system;
void mm_sum(struct abi_system *sum);
