/* SPDX-License-Identifier: MIT */
/*
 * Injected failure: the Nth allocation from when it was asked for fails, as if
 * memory had run out. Frames and slabs ask before they allocate.
 */
#pragma once

#include "kernel/types.h"

extern int32_t fail_countdown; /* atomic; 0 or less: nothing fails */

static inline bool fail_now(void)
{
    return __builtin_expect(
        __atomic_load_n(&fail_countdown, __ATOMIC_RELAXED) > 0 &&
            __atomic_sub_fetch(&fail_countdown, 1, __ATOMIC_RELAXED) == 0,
        0);
}

/*
 * Let the nth allocation from now on fail; 0: none. Returns how many were
 * still to come before the one asked for earlier.
 */
uint32_t fail_set(uint32_t nth);
