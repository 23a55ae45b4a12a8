/* SPDX-License-Identifier: MIT */
/*
 * process_vm_readv and process_vm_writev: bytes between the caller's memory and
 * that of another task, with a vector of segments on each side. They meet like
 * two tapes: what is moved is always the shorter rest of the two segments at
 * hand. The first access that is refused ends it, and the bytes until then are
 * the result, if there are any. All checks come before the task is looked for,
 * in Linux's order. Everybody is user 0, so everybody may.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_file.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/uaccess.h"
#include "mm/foreign.h"
#include "mm/mm.h"

struct vector {
    uint32_t next, count;     /* user address of the next segment; how many */
    struct abi_iovec segment; /* what is left of the one at hand */
};

/* To the next segment that is not empty. 0, -EFAULT, -EINVAL. */
static int vector_next(struct vector *v)
{
    while (v->count && !v->segment.bytes) {
        if (copy_from_user(&v->segment, user_ptr_at(v->next),
                           sizeof(v->segment)))
            return -EFAULT;
        if ((int32_t)v->segment.bytes < 0)
            return -EINVAL;
        v->next += (uint32_t)sizeof(v->segment);
        v->count--;
    }
    return 0;
}

/* To the first segment; all are checked: bytes or error. */
static int32_t vector_begin(struct vector *v, const uint32_t *arg)
{
    *v = (struct vector){.next = arg[0], .count = arg[1]};
    if (v->count > ABI_IOV_MAX)
        return -EINVAL;
    int error = vector_next(v);
    uint32_t sum = 0;
    struct vector ahead = *v;
    while (!error && ahead.segment.bytes) {
        sum += ahead.segment.bytes;
        if (sum > ABI_BYTES_MAX)
            sum = ABI_BYTES_MAX;
        ahead.segment.bytes = 0;
        error = vector_next(&ahead);
    }
    return error ? error : (int32_t)sum;
}

static void vector_pass(struct vector *v, uint32_t bytes)
{
    v->segment.base += bytes;
    v->segment.bytes -= bytes;
}

/* Up to `total` bytes, or as far as it goes. */
static int32_t move(struct mm *mm, struct vector *here, struct vector *there,
                    uint32_t total, bool write)
{
    uint32_t done = 0, bytes, moved;
    int error = 0;
    do {
        bytes = total - done;
        if (bytes > here->segment.bytes)
            bytes = here->segment.bytes;
        if (bytes > there->segment.bytes)
            bytes = there->segment.bytes;
        moved =
            mm_copy(mm, there->segment.base, here->segment.base, bytes, write);
        vector_pass(here, moved);
        vector_pass(there, moved);
        done += moved;
        error = moved < bytes ? -EFAULT : vector_next(here);
        if (!error)
            error = vector_next(there);
    } while (bytes && done < total && !error);
    return done ? (int32_t)done : error;
}

/* tid, our segments and how many, the other's and how many, flags: none */
static int32_t move_all(const uint32_t *arg, bool write)
{
    struct vector here, there;
    if (arg[5])
        return -EINVAL;
    int32_t total = vector_begin(&here, &arg[1]);
    int32_t other = total > 0 ? vector_begin(&there, &arg[3]) : total;
    if (other <= 0)
        return other;
    struct mm *mm = task_mm(arg[0]);
    if (!mm)
        return -ESRCH;
    int32_t done = move(mm, &here, &there, (uint32_t)total, write);
    mm_leave(mm);
    return done;
}

int32_t sys_process_vm_readv(const uint32_t *arg)
{
    return move_all(arg, false);
}

int32_t sys_process_vm_writev(const uint32_t *arg)
{
    return move_all(arg, true);
}
