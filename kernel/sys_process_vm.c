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

/* Check a vector that begins at arg[0], of arg[1] segments: bytes or error. */
static int32_t vector_bytes(const uint32_t *arg)
{
    struct vector v = {.next = arg[0], .count = arg[1]};
    uint32_t sum = 0;
    if (v.count > ABI_IOV_MAX)
        return -EINVAL;
    for (int error; v.count || v.segment.bytes; v.segment.bytes = 0) {
        if ((error = vector_next(&v)))
            return error;
        sum += v.segment.bytes;
        if (sum > ABI_BYTES_MAX)
            sum = ABI_BYTES_MAX;
    }
    return (int32_t)sum;
}

static void vector_pass(struct vector *v, uint32_t bytes)
{
    v->segment.base += bytes;
    v->segment.bytes -= bytes;
}

/* Up to `total` bytes, or as far as it goes. */
static int32_t move(struct mm *mm, const uint32_t *arg, uint32_t total,
                    bool write)
{
    struct vector here = {.next = arg[1], .count = arg[2]};
    struct vector there = {.next = arg[3], .count = arg[4]};
    uint32_t done = 0, bytes, moved;
    int error = 0;
    do {
        if ((error = vector_next(&here)) || (error = vector_next(&there)))
            break;
        bytes = total - done;
        if (bytes > here.segment.bytes)
            bytes = here.segment.bytes;
        if (bytes > there.segment.bytes)
            bytes = there.segment.bytes;
        moved =
            mm_copy(mm, there.segment.base, here.segment.base, bytes, write);
        vector_pass(&here, moved);
        vector_pass(&there, moved);
        done += moved;
        if (moved < bytes)
            error = -EFAULT;
    } while (bytes && !error);
    return done ? (int32_t)done : error;
}

/* tid, our segments and how many, the other's and how many, flags: none */
static int32_t move_all(const uint32_t *arg, bool write)
{
    if (arg[5])
        return -EINVAL;
    int32_t total = vector_bytes(&arg[1]);
    int32_t other = total > 0 ? vector_bytes(&arg[3]) : total;
    if (other <= 0)
        return other;
    struct mm *mm = task_mm(arg[0]);
    if (!mm)
        return -ESRCH;
    int32_t done = move(mm, arg, (uint32_t)total, write);
    mm_put(mm);
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
