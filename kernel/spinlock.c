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
void spin_check_order(const struct spinlock *lock)
{
    const struct held_locks *held = &this_cpu()->held;
    ASSERT(!interrupts_enabled());
    ASSERT(held->count < HELD_LOCKS);
    if (held->count == 0)
        return;
    const struct spinlock *last = held->lock[held->count - 1];
    if (last->rank >= lock->rank)
        panic("lock order: %s is taken while %s is held", lock->name,
              last->name);
}

void spin_note_taken(const struct spinlock *lock)
{
    struct held_locks *held = &this_cpu()->held;
    held->lock[held->count++] = lock;
}

void spin_note_released(const struct spinlock *lock)
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
#endif

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
    *lock = (struct spinlock)SPINLOCK(name, rank);
}

void spin_wait(struct spinlock *lock, uint16_t ticket)
{
    while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket) {
        call_serve_while_waiting();
        cpu_pause();
    }
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
