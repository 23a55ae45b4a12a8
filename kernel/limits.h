/* SPDX-License-Identifier: MIT */
/*
 * Resource limits. A thread group has one set, in its leader's structure, under
 * tasks_lock; a reader needs one number at a time and takes no lock. A new
 * group begins with its maker's.
 */
#ifndef KERNEL_LIMITS_H
#define KERNEL_LIMITS_H

#include "kernel/abi/linux_limits.h"
#include "kernel/types.h"

struct task;

struct limits {
    struct abi_rlimit of[ABI_RLIMITS];
};

/* The soft limit of the current task's group; infinity: all bits set. */
uint64_t limit_of(uint32_t resource);

/* `leader`, not running yet, gets the current task's limits, or the first. */
void limits_inherit(struct task *leader);

#endif
