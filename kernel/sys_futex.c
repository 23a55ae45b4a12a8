/* SPDX-License-Identifier: MIT */
/*
 * The futex call, and the words that a task leaves behind when it ends: those
 * of robust mutexes that it holds, and the one that says that it lives.
 *
 * A robust list lies in memory that the program may fill with anything: each
 * address may be bad, the list may have no end; so every access is checked and
 * the walk is bounded.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/abi/linux_thread.h"
#include "kernel/syscall.h"
#include "kernel/task_table.h"
#include "kernel/time.h"
#include "kernel/timespec.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "machine/time.h"
#include "machine/uaccess.h"
#include "mm/mm.h"

#define ALL_BITS (~0u)

/*
 * The calls that are not a plain wait or wake: apart, so that those stay short.
 * The time-out of a wait is relative for WAIT, absolute for WAIT_BITSET.
 */
static __attribute__((noinline)) int32_t
futex_other(const struct futex_call *call, const struct timespec_form *form)
{
    uint32_t operation = call->operation & ~ABI_FUTEX_PRIVATE;
    uint64_t ns, now = 0, deadline = 0;
    bool bitset = true;
    switch (operation) {
    case ABI_FUTEX_WAIT:
        bitset = false;
        break;
    case ABI_FUTEX_WAIT_BITSET:
        now = clock_ns();
        break;
    case ABI_FUTEX_WAIT_BITSET | ABI_FUTEX_CLOCK_REALTIME:
        (void)time_read(ABI_CLOCK_REALTIME, &now);
        break;
    case ABI_FUTEX_WAKE_BITSET:
        return futex_wake(call, call->value3);
    case ABI_FUTEX_REQUEUE:
    case ABI_FUTEX_CMP_REQUEUE:
        if ((int32_t)call->value < 0 || (int32_t)call->value2 < 0)
            return -EINVAL;
        __attribute__((fallthrough));
    case ABI_FUTEX_WAKE_OP:
        return futex_two_words(call);
    default:
        return -ENOSYS; /* priority inheritance too */
    }
    if (call->value2) {
        int error = form->get(call->value2, &ns);
        if (error)
            return error;
        deadline = clock_ns() + (ns > now ? ns - now : 0);
    }
    return futex_wait(call, bitset ? call->value3 : ALL_BITS, deadline);
}

static inline int32_t futex(const uint32_t *arg,
                            const struct timespec_form *form)
{
    const struct futex_call *call = (const struct futex_call *)arg;
    uint32_t operation = call->operation & ~ABI_FUTEX_PRIVATE;
    if (operation == ABI_FUTEX_WAKE)
        return futex_wake(call, ALL_BITS);
    if (operation == ABI_FUTEX_WAIT && !call->value2)
        return futex_wait(call, ALL_BITS, 0);
    return futex_other(call, form);
}
BOTH_FORMS(futex, futex_time64, futex)

int32_t sys_set_tid_address(const uint32_t *arg)
{
    struct task *self = current_task();
    self->clear_tid = arg[0];
    return (int32_t)self->tid;
}

/* head, its size */
int32_t sys_set_robust_list(const uint32_t *arg)
{
    if (arg[1] != sizeof(struct abi_robust_list))
        return -EINVAL;
    current_task()->futex.robust_list = arg[0];
    return 0;
}

/* tid, where to store the head, where its size */
int32_t sys_get_robust_list(const uint32_t *arg)
{
    const uint32_t size = sizeof(struct abi_robust_list);
    uint32_t head = 0;
    spin_lock(&tasks_lock);
    struct task *task = arg[0] ? task_find(arg[0]) : current_task();
    if (task)
        head = task->futex.robust_list;
    spin_unlock(&tasks_lock);
    if (!task)
        return -ESRCH;
    if (copy_to_user(user_ptr_at(arg[2]), &size, sizeof(size)) ||
        copy_to_user(user_ptr_at(arg[1]), &head, sizeof(head)))
        return -EFAULT;
    return 0;
}

static bool read_word(uint32_t address, uint32_t *word)
{
    return copy_from_user(word, user_ptr_at(address), sizeof(*word)) == 0;
}

/*
 * The futex of a robust list's entry: if it is ours, say that its owner died
 * and wake one who waits. False: a bad address.
 */
static bool hand_on(uint32_t address, uint32_t tid, bool inherits, bool pending)
{
    uint32_t word, found;
    if (address & 3 || address >= USER_END || !read_word(address, &word))
        return false;
    /* Unlocked already, and died before the wake-up. */
    if (pending && !inherits && !(word & ABI_FUTEX_TID_MASK)) {
        futex_wake_one(address);
        return true;
    }
    do {
        if ((word & ABI_FUTEX_TID_MASK) != tid)
            return true;
        found = word;
        if (user_compare_exchange(user_ptr_at(address), &word,
                                  (word & ABI_FUTEX_WAITERS) | ABI_FUTEX_DIED))
            return false;
    } while (found != word);
    if (!inherits && word & ABI_FUTEX_WAITERS)
        futex_wake_one(address);
    return true;
}

static void walk_robust_list(const struct task *task, uint32_t head)
{
    struct abi_robust_list list;
    if (copy_from_user(&list, user_ptr_at(head), sizeof(list)))
        return;
    uint32_t entry = list.next, offset = (uint32_t)list.offset, next;
    uint32_t pending = list.pending & ~ABI_ROBUST_PI;
    for (uint32_t limit = ABI_ROBUST_LIMIT; limit--; entry = next) {
        uint32_t at = entry & ~ABI_ROBUST_PI;
        if (at == head)
            break;
        /* Before it is handed on: then it is somebody else's. */
        bool more = read_word(at, &next);
        if (at != pending &&
            !hand_on(at + offset, task->tid, entry & ABI_ROBUST_PI, false))
            return;
        if (!more)
            return;
    }
    if (pending)
        (void)hand_on(pending + offset, task->tid, list.pending & ABI_ROBUST_PI,
                      true);
}

void futex_exit(struct task *task)
{
    const uint32_t zero = 0;
    if (task->futex.robust_list)
        walk_robust_list(task, task->futex.robust_list);
    task->futex.robust_list = 0;
    /* Only if somebody is left to see it, as Linux does. */
    if (task->clear_tid &&
        __atomic_load_n(&task->mm->users, __ATOMIC_RELAXED) > 1 &&
        !copy_to_user(user_ptr_at(task->clear_tid), &zero, sizeof(zero)))
        futex_wake_one(task->clear_tid);
    task->clear_tid = 0;
}
