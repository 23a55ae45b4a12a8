/* SPDX-License-Identifier: MIT */
/*
 * Waiting on words of user memory. Waiters of all words with one hash are in
 * one bucket, in the order in which they came; its lock guards the list and
 * the waiters' links. Two buckets are locked in ascending order of address.
 *
 * No wake-up is lost: the waiter compares the word and joins under the
 * bucket's lock; the waker has changed the word before it takes that lock.
 * The comparison may not sleep: user_peek() fails where a page must be brought
 * in first; then the lock is dropped, the page fetched, all of it tried again.
 *
 * A waiter that is taken out is made ready first and its `bucket` cleared last:
 * when that is NULL the waiter goes on without a lock, and may end.
 */
#include "kernel/futex.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux_thread.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"
#include "kernel/stop.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "machine/uaccess.h"
#include "mm/area.h"
#include "mm/mm.h"

#define BUCKET_BITS 8

struct futex_bucket {
    struct spinlock lock;
    struct task *first, **end; /* end: where the next one is linked */
};

static struct futex_bucket buckets[1 << BUCKET_BITS] = {
    [0 ...(1 << BUCKET_BITS) - 1] = {.lock = SPINLOCK("futex", RANK_FUTEX)},
};

/* The top bits of a product with 2^32 / golden ratio are well mixed. */
static struct futex_bucket *bucket_of(const struct futex_key *key)
{
    uint32_t mixed = ((uint32_t)key->object ^ key->offset) * 2654435769u;
    return &buckets[mixed >> (32 - BUCKET_BITS)];
}

/*
 * The word at `address`, which the call uses, as a key. A promise that it is
 * private is believed only where the quarter never had a shared area; there no
 * area need be looked for, and where none is nobody waits.
 */
static inline int key_of(const struct futex_call *call, uint32_t address,
                         struct futex_key *key)
{
    if (address & 3)
        return -EINVAL;
    if (address >= USER_END)
        return -EFAULT;
    struct mm *mm = current_task()->mm;
    bool private = call->operation & ABI_FUTEX_PRIVATE;
    const struct quarter *quarter = mm->quarter[address >> QUARTER_SHIFT];
    *key = (struct futex_key){(uintptr_t)quarter, address};
    if (private && !__atomic_load_n(&quarter->shares, __ATOMIC_RELAXED))
        return 0;
    int error = mm_futex_key(mm, address, key);
    return private ? 0 : error;
}

static void lock_two(struct futex_bucket *a,
                     struct futex_bucket *b) UNCHECKED_LOCKING
{
    spin_lock(a < b ? &a->lock : &b->lock);
    if (a != b)
        spin_lock(a < b ? &b->lock : &a->lock);
}

static void unlock_two(struct futex_bucket *a,
                       struct futex_bucket *b) UNCHECKED_LOCKING
{
    if (a != b)
        spin_unlock(a < b ? &b->lock : &a->lock);
    spin_unlock(a < b ? &a->lock : &b->lock);
}

/* Bring in the page of a word that could not be reached under the locks. */
static __attribute__((noinline)) int bring_in(struct futex_bucket *a,
                                              struct futex_bucket *b,
                                              uint32_t address, uint32_t access)
{
    unlock_two(a, b);
    int error = mm_fault(current_task()->mm, address, access);
    lock_two(a, b);
    return error;
}

static void append(struct futex_bucket *bucket, struct task *task)
    REQUIRES(bucket->lock)
{
    CHECK_SHARED(task);
    task->futex.next = NULL;
    __atomic_store_n(&task->futex.bucket, bucket, __ATOMIC_RELAXED);
    if (!bucket->first)
        bucket->end = &bucket->first;
    *bucket->end = task;
    bucket->end = &task->futex.next;
}

static void take_out(struct futex_bucket *bucket, struct task **link)
    REQUIRES(bucket->lock)
{
    struct task *task = *link;
    *link = task->futex.next;
    if (bucket->end == &task->futex.next)
        bucket->end = link;
}

static bool waits_for(const struct task *task, const struct futex_key *key,
                      uint32_t bitset)
{
    return task->futex.key.offset == key->offset &&
           task->futex.key.object == key->object && task->futex.bitset & bitset;
}

/* Take out and make ready. The task is not ours any more afterwards. */
static void wake_one(struct futex_bucket *bucket, struct task **link)
    REQUIRES(bucket->lock)
{
    struct task *task = *link;
    take_out(bucket, link);
    sched_wake(task);
    /* Release: sched_wake() is through with the task before it can see this. */
    __atomic_store_n(&task->futex.bucket, NULL, __ATOMIC_RELEASE);
}

static uint32_t wake_some(struct futex_bucket *bucket,
                          const struct futex_key *key, uint32_t count,
                          uint32_t bitset) REQUIRES(bucket->lock)
{
    uint32_t woken = 0;
    struct task **link = &bucket->first;
    if ((int32_t)count < 1)
        count = 1; /* as Linux does */
    while (*link && woken < count) {
        if (waits_for(*link, key, bitset)) {
            wake_one(bucket, link);
            woken++;
        } else {
            link = &(*link)->futex.next;
        }
    }
    return woken;
}

/*
 * The word that the call names, with the buckets locked: 0 if it is `value`,
 * else -EAGAIN; -EFAULT.
 */
static int compare(const struct futex_call *call, uint32_t value,
                   struct futex_bucket *a, struct futex_bucket *b)
{
    uint32_t now;
    while (user_peek(user_ptr_at(call->word), &now))
        if (bring_in(a, b, call->word, 0))
            return -EFAULT;
    return now == value ? 0 : -EAGAIN;
}

/*
 * Lock the bucket that the current task waits in, which may change; NULL: it
 * has been taken out.
 */
static struct futex_bucket *
lock_own_bucket(const struct futex_wait *wait) UNCHECKED_LOCKING
{
    struct futex_bucket *bucket;
    while ((bucket = __atomic_load_n(&wait->bucket, __ATOMIC_ACQUIRE))) {
        spin_lock(&bucket->lock);
        if (bucket == wait->bucket)
            break;
        spin_unlock(&bucket->lock);
    }
    return bucket;
}

/* In a bucket, which is locked: leave it, for no wake-up came. */
static void leave(struct futex_bucket *bucket, struct task *self)
    REQUIRES(bucket->lock)
{
    struct task **link = &bucket->first;
    while (*link != self)
        link = &(*link)->futex.next;
    take_out(bucket, link);
    self->futex.bucket = NULL;
    sched_set_ready();
}

/*
 * Why to wait no longer, or 0. A wait for a time that is relative cannot be
 * made again as it was.
 */
static int given_up(const struct task *self, const struct futex_call *call,
                    bool timed)
{
    if (timed && !__atomic_load_n(&self->timer.queued, __ATOMIC_SEQ_CST))
        return -ETIMEDOUT;
    if (!wait_interrupted())
        return 0;
    bool relative = (call->operation & ~ABI_FUTEX_PRIVATE) == ABI_FUTEX_WAIT;
    return !timed ? -ERESTART : relative ? -EINTR : -ERESTART_NO_HANDLER;
}

int futex_wait(const struct futex_call *call, uint32_t bitset,
               uint64_t deadline) UNCHECKED_LOCKING
{
    struct task *self = current_task();
    if (!bitset)
        return -EINVAL;
    int error = key_of(call, call->word, &self->futex.key);
    if (error)
        return error;
    struct futex_bucket *bucket = bucket_of(&self->futex.key);
    self->futex.bitset = bitset;
    if (deadline)
        time_set_alarm(deadline);
    spin_lock(&bucket->lock);
    error = compare(call, call->value, bucket, bucket);
    if (error)
        spin_unlock(&bucket->lock);
    else
        append(bucket, self);
    while (!error && bucket) {
        /* Blocked first, then look: see wait.h. */
        __atomic_store_n(&self->state, TASK_BLOCKED, __ATOMIC_SEQ_CST);
        error = given_up(self, call, deadline != 0);
        if (error)
            leave(bucket, self);
        spin_unlock(&bucket->lock);
        if (!error) {
            STOP_POINT(futex_queued);
            wait_sleep();
            bucket = lock_own_bucket(&self->futex);
        }
    }
    if (deadline)
        timer_cancel(&self->timer);
    return error;
}

int futex_wake(const struct futex_call *call, uint32_t bitset)
{
    struct futex_key key;
    if (!bitset)
        return -EINVAL;
    int error = key_of(call, call->word, &key);
    if (error)
        return error;
    struct futex_bucket *bucket = bucket_of(&key);
    spin_lock(&bucket->lock);
    uint32_t woken = wake_some(bucket, &key, call->value, bitset);
    spin_unlock(&bucket->lock);
    return (int)woken;
}

void futex_wake_one(uint32_t address)
{
    const struct futex_call call = {.word = address, .value = 1};
    (void)futex_wake(&call, ~0u);
}

/* Wake the first ones, let the next wait for key[1] in bucket `b`. */
static uint32_t move_waiters(const struct futex_call *call,
                             const struct futex_key key[2],
                             struct futex_bucket *a,
                             struct futex_bucket *b) UNCHECKED_LOCKING
{
    uint32_t done = 0;
    struct task **link = &a->first;
    while (*link && done < call->value + call->value2) {
        struct task *task = *link;
        if (!waits_for(task, &key[0], ~0u)) {
            link = &task->futex.next;
        } else if (done++ < call->value) {
            wake_one(a, link);
        } else {
            task->futex.key = key[1];
            if (a == b) {
                link = &task->futex.next; /* it keeps its place */
            } else {
                take_out(a, link);
                append(b, task);
            }
        }
    }
    return done;
}

/* What a word becomes, by ABI_FUTEX_OP_*. */
static uint32_t operate(uint32_t what, uint32_t old, uint32_t operand)
{
    const uint32_t becomes[] = {
        [ABI_FUTEX_OP_SET] = operand,
        [ABI_FUTEX_OP_ADD] = old + operand,
        [ABI_FUTEX_OP_OR] = old | operand,
        [ABI_FUTEX_OP_ANDN] = old & ~operand,
        [ABI_FUTEX_OP_XOR] = old ^ operand,
    };
    return becomes[what];
}

/* Whether a comparison holds, by ABI_FUTEX_CMP_*. */
static bool holds(uint32_t how, int32_t a, int32_t b)
{
    const bool is_so[] = {
        [ABI_FUTEX_CMP_EQ] = a == b,
        [ABI_FUTEX_CMP_NE] = a != b,
        [ABI_FUTEX_CMP_LT] =
            a<b, [ABI_FUTEX_CMP_LE] = a <= b, [ABI_FUTEX_CMP_GT] = a> b,
        [ABI_FUTEX_CMP_GE] = a >= b,
    };
    return is_so[how];
}

/* Change the word in one go; 1 if the old value compares, 0 if not, error. */
static int change_word(uint32_t address, uint32_t operation)
{
    uint32_t what = operation >> 28, how = operation >> 24 & 15, old;
    /* Two fields of twelve bits, signed. */
    int32_t operand = (int32_t)(operation << 8) >> 20;
    int32_t operand2 = (int32_t)(operation << 20) >> 20;
    if (what & ABI_FUTEX_OP_SHIFT)
        operand = (int32_t)(1u << (operand & 31));
    what &= ~ABI_FUTEX_OP_SHIFT;
    if (what > ABI_FUTEX_OP_XOR)
        return -ENOSYS;
    uint32_t found, new;
    if (user_peek(user_ptr_at(address), &found))
        return -EFAULT;
    do {
        old = found;
        new = operate(what, old, (uint32_t)operand);
        if (user_compare_exchange(user_ptr_at(address), &found, new))
            return -EFAULT;
    } while (found != old);
    return how > ABI_FUTEX_CMP_GE ? -ENOSYS
                                  : holds(how, (int32_t)old, operand2);
}

/* What the call asks for, with the buckets of its two words locked. */
static int wake_or_move(const struct futex_call *call,
                        const struct futex_key key[2], struct futex_bucket *a,
                        struct futex_bucket *b) UNCHECKED_LOCKING
{
    uint32_t operation = call->operation & ~ABI_FUTEX_PRIVATE;
    int result = 0;
    if (operation == ABI_FUTEX_WAKE_OP) {
        while ((result = change_word(call->word2, call->value3)) == -EFAULT)
            if (bring_in(a, b, call->word2, AREA_WRITE))
                return -EFAULT;
        if (result < 0)
            return result;
        uint32_t woken = wake_some(a, &key[0], call->value, ~0u);
        if (result)
            woken += wake_some(b, &key[1], call->value2, ~0u);
        return (int)woken;
    }
    if (operation == ABI_FUTEX_CMP_REQUEUE)
        result = compare(call, call->value3, a, b);
    return result ? result : (int)move_waiters(call, key, a, b);
}

int futex_two_words(const struct futex_call *call) UNCHECKED_LOCKING
{
    struct futex_key key[2];
    int result = key_of(call, call->word, &key[0]);
    if (!result)
        result = key_of(call, call->word2, &key[1]);
    if (result)
        return result;
    struct futex_bucket *a = bucket_of(&key[0]), *b = bucket_of(&key[1]);
    lock_two(a, b);
    result = wake_or_move(call, key, a, b);
    unlock_two(a, b);
    return result;
}
