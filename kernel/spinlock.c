/* SPDX-License-Identifier: MIT */
/*
 * Test-and-set locks: an exchange takes the lock, a plain store gives it back.
 * x86 keeps loads and stores in order but for a store passed by a later load;
 * the exchange is a full fence. Whoever waits only reads until the lock looks
 * free (test and test-and-set), so its cache line stays shared.
 *
 * Ticket locks would be fair. But where CPUs are threads of an emulator that
 * shares its host, the next in line is often one that does not run, and all
 * others wait until it does: every hand-over can cost a time slice of the host.
 */
#include "kernel/spinlock.h"

#include "kernel/call.h"
#include "kernel/panic.h"
#include "machine/cpu.h"

void spin_wait(struct spinlock *lock)
{
    do {
        while (__atomic_load_n(&lock->held, __ATOMIC_RELAXED)) {
            call_serve_while_waiting();
            cpu_pause();
        }
    } while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_SEQ_CST));
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
