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
    uint32_t mixed = ((uintptr_t)key->object ^ key->offset) * 2654435769u;
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
    *key = (struct futex_key){quarter, address};
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

static void append(struct futex_bucket *bucket, struct task *task)
    REQUIRES(bucket->lock)
{
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

/* If the word is `value`, queue the current task and make it BLOCKED. */
static int join(struct task *self, uint32_t address, uint32_t value)
{
    struct futex_bucket *bucket = bucket_of(&self->futex.key);
    uint32_t now;
    spin_lock(&bucket->lock);
    while (user_peek(user_ptr_at(address), &now)) {
        spin_unlock(&bucket->lock);
        if (mm_fault(self->mm, address, 0))
            return -EFAULT;
        spin_lock(&bucket->lock);
    }
    if (now == value) {
        append(bucket, self);
        __atomic_store_n(&self->state, TASK_BLOCKED, __ATOMIC_SEQ_CST);
    }
    spin_unlock(&bucket->lock);
    return now == value ? 0 : -EAGAIN;
}

/* Lock the bucket that the current task waits in, which may change, or NULL. */
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

/* Stop waiting: false if a wake-up came first. */
static bool leave(struct task *self) UNCHECKED_LOCKING
{
    struct futex_bucket *bucket = lock_own_bucket(&self->futex);
    if (!bucket)
        return false;
    struct task **link = &bucket->first;
    while (*link != self)
        link = &(*link)->futex.next;
    take_out(bucket, link);
    self->futex.bucket = NULL;
    spin_unlock(&bucket->lock);
    return true;
}

/* Woken for no reason yet: BLOCKED again, unless somebody takes us out now. */
static void block_again(struct task *self) UNCHECKED_LOCKING
{
    struct futex_bucket *bucket = lock_own_bucket(&self->futex);
    if (!bucket)
        return;
    __atomic_store_n(&self->state, TASK_BLOCKED, __ATOMIC_SEQ_CST);
    spin_unlock(&bucket->lock);
}

/*
 * Queued and BLOCKED: sleep until woken, or until there is a reason not to. A
 * wait for a time that is relative cannot be made again as it was.
 */
static int sleep_in_bucket(struct task *self, bool timed, bool relative)
{
    int result = 0;
    while (__atomic_load_n(&self->futex.bucket, __ATOMIC_ACQUIRE)) {
        bool expired =
            timed && !__atomic_load_n(&self->timer.queued, __ATOMIC_SEQ_CST);
        if (expired || wait_interrupted()) {
            if (leave(self))
                result = expired    ? -ETIMEDOUT
                         : !timed   ? -ERESTART
                         : relative ? -EINTR
                                    : -ERESTART_NO_HANDLER;
            break;
        }
        wait_sleep();
        if (__atomic_load_n(&self->futex.bucket, __ATOMIC_ACQUIRE))
            block_again(self);
    }
    if (self->state != TASK_READY)
        sched_set_ready();
    return result;
}

int futex_wait(const struct futex_call *call, uint32_t bitset,
               uint64_t deadline)
{
    struct task *self = current_task();
    if (!bitset)
        return -EINVAL;
    int error = key_of(call, call->word, &self->futex.key);
    if (error)
        return error;
    self->futex.bitset = bitset;
    if (deadline)
        time_set_alarm(deadline);
    error = join(self, call->word, call->value);
    STOP_POINT(futex_queued);
    if (!error)
        error = sleep_in_bucket(self, deadline != 0,
                                (call->operation & ~ABI_FUTEX_PRIVATE) ==
                                    ABI_FUTEX_WAIT);
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

/* Wake the first ones, let the next wait for `to` in bucket `b`. */
static uint32_t move_waiters(struct futex_bucket *a, struct futex_bucket *b,
                             const struct futex_key *from,
                             const struct futex_key *to, uint32_t wake,
                             uint32_t move) UNCHECKED_LOCKING
{
    uint32_t done = 0;
    struct task **link = &a->first;
    while (*link && done < wake + move) {
        struct task *task = *link;
        if (!waits_for(task, from, ~0u)) {
            link = &task->futex.next;
            continue;
        }
        if (done++ < wake) {
            wake_one(a, link);
            continue;
        }
        task->futex.key = *to;
        if (a == b) {
            link = &task->futex.next; /* it keeps its place */
        } else {
            take_out(a, link);
            append(b, task);
        }
    }
    return done;
}

int futex_requeue(const struct futex_call *call,
                  bool compared) UNCHECKED_LOCKING
{
    struct futex_key from, to;
    uint32_t now, wake = call->value, move = call->value2;
    if ((int32_t)wake < 0 || (int32_t)move < 0)
        return -EINVAL;
    int error = key_of(call, call->word, &from);
    if (!error)
        error = key_of(call, call->word2, &to);
    if (error)
        return error;
    struct futex_bucket *a = bucket_of(&from), *b = bucket_of(&to);
    lock_two(a, b);
    while (compared && user_peek(user_ptr_at(call->word), &now)) {
        unlock_two(a, b);
        if (mm_fault(current_task()->mm, call->word, 0))
            return -EFAULT;
        lock_two(a, b);
    }
    int done = compared && now != call->value3
                   ? -EAGAIN
                   : (int)move_waiters(a, b, &from, &to, wake, move);
    unlock_two(a, b);
    return done;
}

/* For each comparison, whether it holds if old < operand (1), = (2), > (4). */
static const uint8_t holds_if[] = {
    [ABI_FUTEX_CMP_EQ] = 2, [ABI_FUTEX_CMP_NE] = 5, [ABI_FUTEX_CMP_LT] = 1,
    [ABI_FUTEX_CMP_LE] = 3, [ABI_FUTEX_CMP_GT] = 4, [ABI_FUTEX_CMP_GE] = 6,
};

static uint32_t operate(uint32_t what, uint32_t old, uint32_t operand)
{
    switch (what) {
    case ABI_FUTEX_OP_SET:
        return operand;
    case ABI_FUTEX_OP_ADD:
        return old + operand;
    case ABI_FUTEX_OP_OR:
        return old | operand;
    case ABI_FUTEX_OP_ANDN:
        return old & ~operand;
    default:
        return old ^ operand;
    }
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
    if (how > ABI_FUTEX_CMP_GE)
        return -ENOSYS;
    int32_t was = (int32_t)old;
    return (holds_if[how] & (was < operand2    ? 1
                             : was == operand2 ? 2
                                               : 4)) != 0;
}

int futex_wake_op(const struct futex_call *call) UNCHECKED_LOCKING
{
    struct futex_key key, key2;
    int error = key_of(call, call->word, &key);
    if (!error)
        error = key_of(call, call->word2, &key2);
    if (error)
        return error;
    struct futex_bucket *a = bucket_of(&key), *b = bucket_of(&key2);
    int result;
    lock_two(a, b);
    while ((result = change_word(call->word2, call->value3)) == -EFAULT) {
        unlock_two(a, b);
        if (mm_fault(current_task()->mm, call->word2, AREA_WRITE))
            return -EFAULT;
        lock_two(a, b);
    }
    if (result >= 0) {
        bool both = result;
        result = (int)wake_some(a, &key, call->value, ~0u);
        if (both)
            result += (int)wake_some(b, &key2, call->value2, ~0u);
    }
    unlock_two(a, b);
    return result;
}
