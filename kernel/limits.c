/* SPDX-License-Identifier: MIT */
/*
 * Resource limits and the calls that read and set them. Everybody is user 0,
 * who may raise hard limits too. Which limits have an effect is up to those who
 * ask for them with limit_of().
 */
#include "kernel/limits.h"

#include "kernel/abi/errno.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task_table.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define INFINITY ABI_RLIM_INFINITY

/* At most one task for so many frames; it takes some more, most of them high.
 */
#define LOW_FRAMES_PER_TASK 2
#define FRAMES_PER_TASK     24

static struct slab_cache limits_cache =
    SLAB_CACHE("limits", sizeof(struct limits), 4);

struct limits *limits_inherit(void)
{
    const struct task *self = current_task();
    struct limits *limits = slab_alloc(&limits_cache);
    if (limits && self->mm)
        *limits = *self->leader->limits;
    if (!limits || self->mm)
        return limits;
    struct abi_rlimit *of = limits->of;
    struct frame_stats frames;
    frame_stats(&frames);
    uint32_t low = (uint32_t)frames.total[ZONE_LOW];
    uint32_t most = (low + (uint32_t)frames.total[ZONE_HIGH]) / FRAMES_PER_TASK;
    if (most > low / LOW_FRAMES_PER_TASK)
        most = low / LOW_FRAMES_PER_TASK;
    for (uint32_t i = 0; i < ABI_RLIMITS; i++)
        of[i] = (struct abi_rlimit){INFINITY, INFINITY};
    of[ABI_RLIMIT_STACK].soft = 8u << 20;
    of[ABI_RLIMIT_CORE].soft = 0;
    of[ABI_RLIMIT_NOFILE] = (struct abi_rlimit){1024, 4096};
    of[ABI_RLIMIT_NPROC] = (struct abi_rlimit){most, most};
    of[ABI_RLIMIT_SIGPENDING] = (struct abi_rlimit){most, most};
    return limits;
}

void limits_free(struct limits *limits)
{
    slab_free(&limits_cache, limits);
}

static uint64_t widen(uint32_t limit)
{
    return limit == INFINITY ? UINT64_MAX : limit;
}

uint64_t limit_of(uint32_t resource)
{
    const struct limits *limits = current_task()->leader->limits;
    uint32_t soft =
        __atomic_load_n(&limits->of[resource].soft, __ATOMIC_RELAXED);
    return widen(soft);
}

/* Read the old limit of a task's group and, if there is one, set the new. */
static int32_t change(uint32_t tid, uint32_t resource,
                      const struct abi_rlimit *new, struct abi_rlimit *old)
{
    int32_t error = 0;
    if (resource >= ABI_RLIMITS || (new &&new->soft > new->hard))
        error = -EINVAL;
    else if (new &&resource == ABI_RLIMIT_NOFILE &&new->hard > ABI_NOFILE_MAX)
        error = -EPERM;
    spin_lock(&tasks_lock);
    struct task *task = tid ? task_find(tid) : current_task();
    if (!task || task->kernel_thread) {
        error = -ESRCH;
    } else if (!error) {
        struct abi_rlimit *limit = &task->leader->limits->of[resource];
        *old = *limit;
        if (new)
            *limit = *new;
    }
    spin_unlock(&tasks_lock);
    return error;
}

static uint32_t least(uint64_t limit, uint32_t most)
{
    return limit < most ? (uint32_t)limit : most;
}

/* tid, resource, new limits or NULL, where to store the old ones or NULL */
int32_t sys_prlimit64(const uint32_t *arg)
{
    struct abi_rlimit64 wide;
    struct abi_rlimit new, old;
    if (arg[2]) {
        if (copy_from_user(&wide, user_ptr_at(arg[2]), sizeof(wide)))
            return -EFAULT;
        new = (struct abi_rlimit){least(wide.soft, INFINITY),
                                  least(wide.hard, INFINITY)};
    }
    int32_t error = change(arg[0], arg[1], arg[2] ? &new : NULL, &old);
    if (error || !arg[3])
        return error;
    wide = (struct abi_rlimit64){widen(old.soft), widen(old.hard)};
    return copy_to_user(user_ptr_at(arg[3]), &wide, sizeof(wide));
}

/* resource, limits; numbers above `most` are told as that */
static int32_t get(const uint32_t *arg, uint32_t most)
{
    struct abi_rlimit old;
    int32_t error = change(0, arg[0], NULL, &old);
    if (error)
        return error;
    old = (struct abi_rlimit){least(old.soft, most), least(old.hard, most)};
    return copy_to_user(user_ptr_at(arg[1]), &old, sizeof(old));
}

/* The old call knows no number above the largest signed one. */
int32_t sys_getrlimit(const uint32_t *arg)
{
    return get(arg, INT32_MAX);
}

int32_t sys_ugetrlimit(const uint32_t *arg)
{
    return get(arg, INFINITY);
}

int32_t sys_setrlimit(const uint32_t *arg)
{
    struct abi_rlimit new, old;
    if (copy_from_user(&new, user_ptr_at(arg[1]), sizeof(new)))
        return -EFAULT;
    return change(0, arg[0], &new, &old);
}
