/* SPDX-License-Identifier: MIT */
/*
 * Sleeping locks, for what may wait for memory or another task. Outer to all
 * spin locks. Ranks: mm before quarter, quarters by ascending index.
 */
#ifndef KERNEL_MUTEX_H
#define KERNEL_MUTEX_H

#include "kernel/annotations.h"
#include "kernel/wait.h"

struct CAPABILITY("mutex") mutex {
    struct task *owner; /* atomic; NULL: free */
    struct wait_queue waiters;
};

void mutex_init(struct mutex *mutex, const char *name);

/* Take the lock, sleeping until it is free. No spin lock may be held. */
void mutex_lock(struct mutex *mutex) ACQUIRES(*mutex);
void mutex_unlock(struct mutex *mutex) RELEASES(*mutex);

/* Whether the current task holds it. For assertions. */
bool mutex_held(const struct mutex *mutex);

#endif
