/* SPDX-License-Identifier: MIT */
/*
 * Futexes: programs wait on a word of their memory and wake each other; the
 * kernel is asked only when there is something to wait for (Franke, Russell,
 * Kirkwood, "Fuss, Futexes and Furwocks", 2002). A word is known by a key that
 * all who share it have in common, whatever its address is for each of them.
 */
#pragma once

#include "kernel/types.h"

struct futex_bucket;
struct mm;
struct task;

/*
 * Memory in a private area: its quarter, address. Shared: the object's serial
 * number, which no quarter's address equals, offset. Not the object's address:
 * who waits holds no reference to it, and a later object may lie where it was;
 * then a wake-up for the later one's waiters would go to the earlier one's.
 * (A quarter outlasts its waiters: they are tasks of its MMs.)
 */
struct futex_key {
    uint64_t object;
    uint32_t offset; /* bytes */
};

/* The part of a task that futexes use. */
struct futex_wait {
    /* Under the bucket's lock. */
    struct task *next;           /* in the bucket */
    struct futex_bucket *bucket; /* where it waits; NULL: woken. Read without
                                    the lock, too */
    struct futex_key key;
    uint32_t bitset; /* only wakes with one of these bits are for it */
    /* Its own. */
    uint32_t robust_list; /* user address of the list's head, or 0 */
};

/* The key of the word at a user address. -EFAULT: no area is there. */
int mm_futex_key(struct mm *mm, uint32_t address, struct futex_key *key);

/* The arguments of the call, as they lie in the trap frame. */
struct futex_call {
    uint32_t word;
    uint32_t operation; /* ABI_FUTEX_*; PRIVATE: no other MM has the words */
    uint32_t value;
    uint32_t value2; /* or the time-out */
    uint32_t word2, value3;
};

/*
 * Wait until woken by a wake with one of the bits, or until clock_ns() reaches
 * the deadline (0: none). 0; -EAGAIN: the word is not `value`; -ETIMEDOUT;
 * -EINTR, -ERESTART, -ERESTART_NO_HANDLER: a signal; -EFAULT, -EINVAL.
 */
int futex_wait(const struct futex_call *call, uint32_t bitset,
               uint64_t deadline);

/* Wake `value` who wait for one of the bits, at least one; how many. */
int futex_wake(const struct futex_call *call, uint32_t bitset);

/* Wake one that waits on a word, if any. */
void futex_wake_one(uint32_t address);

/*
 * REQUEUE, CMP_REQUEUE: wake `value` of those who wait on `word`, let `value2`
 * more wait on `word2`; compared, only if `word` is `value3`, or -EAGAIN.
 * WAKE_OP: change `word2` as `value3` says (ABI_FUTEX_OP_*), wake `value` at
 * `word` and, if the old value compares as it says, `value2` at `word2`.
 * Returns how many in all.
 */
int futex_two_words(const struct futex_call *call);

/*
 * The current task is about to leave its MM, which is still loaded: hand on
 * the robust futexes it holds, clear and wake the word of set_tid_address.
 */
void futex_exit(struct task *task);
