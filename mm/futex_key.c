/* SPDX-License-Identifier: MIT */
/*
 * Keys of futexes. All areas are private so far: a quarter and an address.
 */
#include "kernel/futex.h"
#include "mm/mm.h"

int mm_futex_key(struct mm *mm, uint32_t address, struct futex_key *key)
{
    *key = (struct futex_key){mm->quarter[address >> QUARTER_SHIFT], address};
    return 0;
}
