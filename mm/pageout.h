/* SPDX-License-Identifier: MIT */
/*
 * Paging out. When memory is low a kernel thread goes round all MMs like the
 * hand of a clock. It clears the accessed bits that it finds and takes out what
 * it finds without one; only in the last of its rounds whatever it finds. An
 * anonymous page becomes a swap entry (swap.h), a page that an object has is
 * just unmapped, and when nobody maps it, taken from the object, too.
 *
 * It only tries for locks of quarters and objects, and allocates nothing, so it
 * never waits for who waits for memory. Pinned frames and locked areas stay.
 */
#pragma once

#include "kernel/types.h"

struct mm;

/* Start the thread, if there is a store. Boot, once. */
void pageout_start(void);

/* Have it look, if memory is low. Any lock above RANK_WAIT's may be held. */
void pageout_nudge(void);

/*
 * Wait until it has gone round for memory: whether that was of use. False, too,
 * if there is no store. No lock held; sleeps.
 */
bool pageout_relieve(void);

/* Wait until it has nothing to do. */
void pageout_settle(void);

#define PAGEOUT_BATCH 64 /* pages taken out before they are written */

/* A round, and what it has done so far. It lies in static memory. */
struct pageout {
    uint32_t address; /* where in the MM it is */
    bool force;       /* takes what was accessed, too */
    bool low;         /* takes low frames only: others suffice */
    bool missed;      /* a quarter that was locked, when it could have forced */
    uint32_t freed;   /* frames; those of others' last references, too */
    uint32_t looked;  /* pages, since the quarter's lock was taken */
    uint32_t slots;   /* filled, to be written */
    uint32_t slot[PAGEOUT_BATCH];
};

/* Look at the whole of an MM once. Nobody destroys it meanwhile. */
void pageout_mm(struct pageout *round, struct mm *mm);
