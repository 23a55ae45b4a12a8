/* SPDX-License-Identifier: MIT */
/* Reaching into an MM that is not loaded. */
#pragma once

#include "kernel/types.h"

struct mm;

/*
 * Copy between the current task's memory at `here` and what a program in `mm`
 * has at `there`, to there if `write`: as far as both may be accessed so. How
 * many bytes it was. The caller holds the MM (mm_get_if_used), which may be its
 * own. Takes a quarter's lock at a time, perhaps an MM's; sleeps.
 */
uint32_t mm_copy(struct mm *mm, uint32_t there, uint32_t here, uint32_t bytes,
                 bool write);
