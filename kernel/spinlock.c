/* SPDX-License-Identifier: MIT */
/*
 * Ticket locks: XADD takes a number, the holder's release serves the next one,
 * so CPUs get the lock in the order in which they asked. x86 keeps loads and
 * stores in order but for a store passed by a later load; the XADD is a full
 * fence, and the release is a plain store after all stores of the section.
 */
#include "kernel/spinlock.h"

#include "kernel/call.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "machine/cpu.h"

#ifdef DEBUG
static void check_order(const struct spinlock *lock)
{
    const struct held_locks *held = &this_cpu()->held;
    ASSERT(held->count < HELD_LOCKS);
    if (held->count == 0)
        return;
    const struct spinlock *last = held->lock[held->count - 1];
    /* Two run queues at once are taken in the order of their addresses. */
    if (last->rank < lock->rank ||
        (last->rank == RANK_RUNQUEUE && lock->rank == RANK_RUNQUEUE &&
         last < lock))
        return;
    panic("lock order: %s is taken while %s is held", lock->name, last->name);
}

static void note_taken(const struct spinlock *lock)
{
    struct held_locks *held = &this_cpu()->held;
    held->lock[held->count++] = lock;
}

static void note_released(const struct spinlock *lock)
{
    struct held_locks *held = &this_cpu()->held;
    ASSERT(held->count > 0);
    ASSERT(held->lock[held->count - 1] == lock);
    held->count--;
}

void spin_assert_none(void)
{
    const struct held_locks *held = &this_cpu()->held;
    if (held->count)
        panic("%s is held where nothing may be",
              held->lock[held->count - 1]->name);
}
#else
static void check_order(const struct spinlock *lock)
{
    (void)lock;
}

static void note_taken(const struct spinlock *lock)
{
    (void)lock;
}

static void note_released(const struct spinlock *lock)
{
    (void)lock;
}
#endif

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
    *lock = (struct spinlock)SPINLOCK(name, rank);
}

void spin_lock_raw(struct spinlock *lock) UNCHECKED_LOCKING
{
    DEBUG_ASSERT(!interrupts_enabled());
    check_order(lock);
    uint16_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket) {
        call_serve_while_waiting();
        cpu_pause();
    }
    note_taken(lock);
}

void spin_unlock_raw(struct spinlock *lock) UNCHECKED_LOCKING
{
    note_released(lock);
    __atomic_store_n(&lock->serving, lock->serving + 1, __ATOMIC_RELEASE);
}

void spin_lock(struct spinlock *lock) UNCHECKED_LOCKING
{
    uint32_t interrupts = interrupts_save();
    spin_lock_raw(lock);
    lock->interrupts = interrupts;
}

void spin_unlock(struct spinlock *lock) UNCHECKED_LOCKING
{
    uint32_t interrupts = lock->interrupts;
    spin_unlock_raw(lock);
    interrupts_restore(interrupts);
}

bool spin_held(const struct spinlock *lock)
{
    return lock->next != lock->serving;
}
