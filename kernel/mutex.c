/* SPDX-License-Identifier: MIT */
/*
 * A mutex is its owner's address, set by compare-and-swap; who finds it taken
 * sleeps. The releaser clears the owner before it looks for waiters, a waiter
 * joins the queue before it tries again: see wait.h for why none is forgotten.
 * The SEQ_CST operations are full fences on x86 (locked instructions).
 */
#include "kernel/mutex.h"

#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "machine/cpu.h"

void mutex_init(struct mutex *mutex, const char *name, uint32_t order)
{
    mutex->owner = NULL;
    mutex->order = order;
    wait_queue_init(&mutex->waiters, name);
}

static bool try_take(struct mutex *mutex)
{
    struct task *nobody = NULL;
    return __atomic_compare_exchange_n(&mutex->owner, &nobody, current_task(),
                                       false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

#ifdef DEBUG
/* A bit for each order held: the new one must be above all of them. */
static void note_taken(const struct mutex *mutex)
{
    struct task *self = current_task();
    ASSERT(self->mutexes_held >> mutex->order == 0);
    self->mutexes_held |= 1u << mutex->order;
}

static void note_released(const struct mutex *mutex)
{
    current_task()->mutexes_held &= ~(1u << mutex->order);
}
#else
static void note_taken(const struct mutex *mutex)
{
    (void)mutex;
}

static void note_released(const struct mutex *mutex)
{
    (void)mutex;
}
#endif

void mutex_lock(struct mutex *mutex) UNCHECKED_LOCKING
{
    spin_assert_none();
    note_taken(mutex);
    while (!try_take(mutex)) {
        wait_join(&mutex->waiters);
        if (__atomic_load_n(&mutex->owner, __ATOMIC_SEQ_CST))
            wait_sleep();
        wait_leave(&mutex->waiters);
    }
}

void mutex_unlock(struct mutex *mutex) UNCHECKED_LOCKING
{
    ASSERT(mutex->owner == current_task());
    note_released(mutex);
    __atomic_store_n(&mutex->owner, NULL, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&mutex->waiters.first, __ATOMIC_SEQ_CST))
        wait_wake(&mutex->waiters, 1);
}

bool mutex_held(const struct mutex *mutex)
{
    return mutex->owner == current_task();
}
