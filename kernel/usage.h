/* SPDX-License-Identifier: MIT */
/*
 * The time that tasks have run, in nanoseconds, in the kernel and outside
 * alike. A group's leader keeps what its ended threads and reaped children had.
 */
#pragma once

#include "kernel/types.h"

struct task;

/* In a leader's structure, under tasks_lock; counts of cycle_counter(). */
struct usage {
    uint64_t threads;  /* that have ended */
    uint64_t children; /* that were waited for, and theirs */
};

/* Store a struct rusage: 0 or -EFAULT. */
int usage_to_user(uint32_t address, uint64_t ns);

/*
 * ABI_RUSAGE_THREAD: of the current task, SELF: of its group, CHILDREN: of the
 * group's children.
 */
uint64_t usage_ns(int32_t whose);
