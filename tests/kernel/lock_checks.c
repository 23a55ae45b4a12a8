/* SPDX-License-Identifier: MIT */
/*
 * The order of locks, asserted in debug builds. Each CPU notes the spin locks
 * it holds, each task the mutexes, since tasks sleep and move with those.
 */
#ifdef DEBUG

#include "kernel/checks.h"
#include "kernel/cpu.h"
#include "kernel/mutex.h"
#include "kernel/panic.h"
#include "kernel/task.h"
#include "machine/cpu.h"

void check_lock_order(const struct spinlock *lock)
{
    const struct held_locks *held = &this_cpu()->held;
    ASSERT(!interrupts_enabled());
    ASSERT(held->count < HELD_LOCKS);
    if (held->count == 0)
        return;
    const struct spinlock *last = held->lock[held->count - 1];
    bool buckets = last->rank == RANK_FUTEX && lock->rank == RANK_FUTEX;
    if (buckets ? last >= lock : last->rank >= lock->rank)
        panic("lock order: %s is taken while %s is held", lock->name,
              last->name);
}

void check_lock_taken(const struct spinlock *lock)
{
    CHECK_SHARED(lock);
    struct held_locks *held = &this_cpu()->held;
    held->lock[held->count++] = lock;
}

void check_lock_released(const struct spinlock *lock)
{
    struct held_locks *held = &this_cpu()->held;
    ASSERT(held->count > 0);
    ASSERT(held->lock[held->count - 1] == lock);
    held->count--;
}

void check_no_lock(void)
{
    const struct held_locks *held = &this_cpu()->held;
    if (held->count)
        panic("%s is held where nothing may be",
              held->lock[held->count - 1]->name);
}

/* A bit for each order held: the new one must be above all of them. */
void check_mutex_taken(const struct mutex *mutex)
{
    struct task *self = current_task();
    CHECK_SHARED(mutex);
    ASSERT(self->mutexes_held >> mutex->order == 0);
    self->mutexes_held |= 1u << mutex->order;
}

void check_mutex_released(const struct mutex *mutex)
{
    current_task()->mutexes_held &= ~(1u << mutex->order);
}

#endif
