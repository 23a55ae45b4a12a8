/* SPDX-License-Identifier: MIT */
/*
 * Spin locks. Holding one means interrupts are off on this CPU, so an
 * interrupt handler may take any of them. Whoever spins serves the calls that
 * other CPUs send it meanwhile (kernel/call.h): a CPU that waits for a lock
 * with interrupts off must not hold up a TLB flush whose initiator holds it.
 *
 * Debug builds assert the order: a lock may only be taken if its rank is above
 * that of every lock held, and locks are released last in, first out.
 */
#pragma once

#include "kernel/annotations.h"
#include "kernel/checks.h"
#include "kernel/types.h"

/* The order, outer to inner; the sleeping locks come first. */
enum lock_rank {
    RANK_MM,      /* sleeps: an MM's break and its list of areas' owners */
    RANK_QUARTER, /* sleeps: areas and tables of a quarter, by index */
    RANK_HANDLES, /* a table of handles; nobody asks for it with a lock held */
    RANK_TASKS,   /* the table of tasks: numbers, parents, ends */
    RANK_FUTEX,   /* a bucket; two of them by ascending address */
    RANK_INPUT,   /* the console's input */
    RANK_WAIT,    /* a wait queue */
    RANK_TIMER,   /* a CPU's timer queue */
    RANK_RUNQUEUE,
    RANK_SETTLE,  /* collecting stale addresses for a flush */
    RANK_KVA,     /* addresses of the global kernel area */
    RANK_UKVA,    /* addresses and tables of an MM's kernel region */
    RANK_OBJECTS, /* the list of files that are mapped or open */
    RANK_SWAP,    /* slots, and which frame stands for which */
    RANK_SLAB,
    RANK_TABLES, /* empty page tables */
    RANK_FRAME,  /* a zone's list of free frames */
    RANK_SLOTS,  /* a pool of temporary mappings */
    RANK_LOG,    /* the log and the lines it goes to: innermost */
};

struct CAPABILITY("spin lock") spinlock {
    uint32_t held;       /* 1: taken */
    uint32_t interrupts; /* state before it was taken: the holder's */
    const char *name;    /* also read by debuggers */
#ifdef DEBUG
    enum lock_rank rank;
#endif
};

/* The rank is for checks; release builds leave it out. */
#ifdef DEBUG
#define SPINLOCK(lock_name, lock_rank)       \
    {                                        \
        .name = lock_name, .rank = lock_rank \
    }
#else
#define SPINLOCK(lock_name, lock_rank) \
    {                                  \
        .name = lock_name              \
    }
#endif
#define spin_init(lock, name, rank) \
    (*(lock) = (struct spinlock)SPINLOCK(name, rank))

void spin_lock(struct spinlock *lock) ACQUIRES(*lock);
void spin_unlock(struct spinlock *lock) RELEASES(*lock);

/*
 * The same for callers that have turned interrupts off themselves and will
 * turn them on again: the scheduler, which hands a lock from task to task.
 */
static inline void spin_lock_raw(struct spinlock *lock) ACQUIRES(*lock);
static inline void spin_unlock_raw(struct spinlock *lock) RELEASES(*lock);

/* Spin until the lock is ours. */
void spin_wait(struct spinlock *lock);

static inline void spin_lock_raw(struct spinlock *lock) UNCHECKED_LOCKING
{
    DEBUG_DO(check_lock_order(lock));
    if (__atomic_exchange_n(&lock->held, 1, __ATOMIC_SEQ_CST))
        spin_wait(lock);
    DEBUG_DO(check_lock_taken(lock));
}

static inline void spin_unlock_raw(struct spinlock *lock) UNCHECKED_LOCKING
{
    DEBUG_DO(check_lock_released(lock));
    __atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}
