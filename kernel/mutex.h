/* SPDX-License-Identifier: MIT */
/*
 * Sleeping locks, for what may wait for memory or another task. Outer to all
 * spin locks. Their own order: a file's position, the MM's, quarters by
 * ascending index, an object's; debug builds assert it.
 */
#pragma once

#include "kernel/annotations.h"
#include "kernel/wait.h"

struct CAPABILITY("mutex") mutex {
    struct task *owner; /* atomic; NULL: free */
    uint32_t order;     /* MUTEX_*, ascending */
    struct wait_queue waiters;
};

#define MUTEX_FILE           0
#define MUTEX_MM             1
#define MUTEX_QUARTER(index) (2 + (index))
#define MUTEX_OBJECT         MUTEX_QUARTER(3)
#define MUTEX_ALARM          16 /* see alarm.c: held alone */

#define MUTEX(name, mutex_order)                            \
    {                                                       \
        .order = (mutex_order), .waiters = WAIT_QUEUE(name) \
    }
#define mutex_init(lock, name, order) \
    (*(lock) = (struct mutex)MUTEX(name, order))

/* Take the lock, sleeping until it is free. No spin lock may be held. */
void mutex_lock(struct mutex *mutex) ACQUIRES(*mutex);
void mutex_unlock(struct mutex *mutex) RELEASES(*mutex);

/* Take it if it is free; does not sleep. */
bool mutex_trylock(struct mutex *mutex);

/* Whether the current task holds it. For assertions. */
bool mutex_held(const struct mutex *mutex);
