/* SPDX-License-Identifier: MIT */
/*
 * Resource limits. A thread group has one set, its leader's, under tasks_lock;
 * a reader needs one number at a time and takes no lock. A new group begins
 * with its maker's. They lie in a slab of their own: most tasks lead nobody.
 */
#pragma once

#include "kernel/abi/linux_limits.h"
#include "kernel/annotations.h"
#include "kernel/spinlock.h"
#include "kernel/types.h"

extern struct spinlock tasks_lock;

struct limits {
    struct abi_rlimit of[ABI_RLIMITS];
};

/* The soft limit of the current task's group; infinity: all bits set. */
uint64_t limit_of(uint32_t resource);

/* The current task's limits, or the first, for a new group; NULL: no memory. */
struct limits *limits_inherit(void) REQUIRES(tasks_lock);
void limits_free(struct limits *limits); /* NULL is ignored */
