/* SPDX-License-Identifier: MIT */
/*
 * Paging MMs out by hand, for self-tests on a machine with swap=. An MM that
 * no task was made for is left alone by the pageout thread.
 */
#ifndef TESTS_KERNEL_SWAPPING_H
#define TESTS_KERNEL_SWAPPING_H

#include "mm/mm.h"
#include "mm/pageout.h"
#include "mm/swap.h"

#define NEEDS_SWAP()                              \
    do {                                          \
        if (!swap_total()) {                      \
            log_info("left out, it takes swap="); \
            return;                               \
        }                                         \
    } while (0)

static inline void page_out(struct mm *mm, bool force)
{
    static struct pageout round;
    round.force = force;
    pageout_mm(&round, mm);
}

static inline bool is_out(const struct mm *mm, uint32_t page)
{
    return page_lookup(&mm->tables, page).flags & MAP_SWAPPED;
}

#endif
