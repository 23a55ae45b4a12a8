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
