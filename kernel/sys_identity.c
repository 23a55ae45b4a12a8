/* SPDX-License-Identifier: MIT */
/*
 * What programs ask about themselves. There is one user, 0, and one kind of
 * scheduling. Linux's answers to that, and its errors.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_limits.h"
#include "kernel/cpu.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task_table.h"
#include "kernel/timer.h"
#include "kernel/timespec.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"

#define ROOT(call)                          \
    int32_t sys_##call(const uint32_t *arg) \
    {                                       \
        (void)arg;                          \
        return 0;                           \
    }
ROOT(getuid)
ROOT(getgid)
ROOT(geteuid)
ROOT(getegid)
ROOT(getuid32)
ROOT(getgid32)
ROOT(geteuid32)
ROOT(getegid32)

/* The process group of task `tid`, 0: the current one's; -ESRCH. */
static int32_t group_of(uint32_t tid)
{
    spin_lock(&tasks_lock);
    const struct task *task = tid ? task_find(tid) : current_task();
    int32_t group = task ? (int32_t)task->leader->process_group : -ESRCH;
    spin_unlock(&tasks_lock);
    return group;
}

int32_t sys_getpgrp(const uint32_t *arg)
{
    (void)arg;
    return group_of(0);
}

int32_t sys_getpgid(const uint32_t *arg)
{
    return group_of(arg[0]);
}

/* None of Linux's codes for i386 does anything here. */
int32_t sys_arch_prctl(const uint32_t *arg)
{
    (void)arg;
    return -EINVAL;
}

/* CPU, node, unused */
int32_t sys_getcpu(const uint32_t *arg)
{
    uint32_t cpu = this_cpu()->index, node = 0;
    if ((arg[0] && copy_to_user(user_ptr_at(arg[0]), &cpu, sizeof(cpu))) ||
        (arg[1] && copy_to_user(user_ptr_at(arg[1]), &node, sizeof(node))))
        return -EFAULT;
    return 0;
}

/* 0, or the error of all scheduling calls about task `tid`. */
static int32_t check_task(uint32_t tid)
{
    if ((int32_t)tid < 0)
        return -EINVAL;
    int32_t group = group_of(tid);
    return group < 0 ? group : 0;
}

int32_t sys_sched_getscheduler(const uint32_t *arg)
{
    int32_t error = check_task(arg[0]);
    return error ? error : ABI_SCHED_OTHER;
}

/* tid, priority */
int32_t sys_sched_getparam(const uint32_t *arg)
{
    const uint32_t priority = 0;
    int32_t error = arg[1] ? check_task(arg[0]) : -EINVAL;
    if (error)
        return error;
    return copy_to_user(user_ptr_at(arg[1]), &priority, sizeof(priority));
}

/* The highest priority of a policy; -EINVAL: there is no such one. */
static int32_t highest(uint32_t policy)
{
    if (policy == ABI_SCHED_FIFO || policy == ABI_SCHED_RR)
        return 99;
    return policy == ABI_SCHED_OTHER || policy == ABI_SCHED_BATCH ||
                   policy == ABI_SCHED_IDLE || policy == ABI_SCHED_DEADLINE
               ? 0
               : -EINVAL;
}

static int32_t set_policy(uint32_t tid, uint32_t policy, uint32_t address)
{
    int32_t priority, most = highest(policy);
    if (!address || (int32_t)tid < 0)
        return -EINVAL;
    if (copy_from_user(&priority, user_ptr_at(address), sizeof(priority)))
        return -EFAULT;
    int32_t error = check_task(tid);
    if (error)
        return error;
    if (policy == ABI_SCHED_DEADLINE || priority < (most > 0) ||
        priority > most)
        return -EINVAL;
    return policy == ABI_SCHED_OTHER ? 0 : -EPERM; /* there is no other */
}

/* tid, policy, priority */
int32_t sys_sched_setscheduler(const uint32_t *arg)
{
    return set_policy(arg[0], arg[1] & ~ABI_SCHED_RESET_ON_FORK, arg[2]);
}

/* tid, priority */
int32_t sys_sched_setparam(const uint32_t *arg)
{
    return set_policy(arg[0], ABI_SCHED_OTHER, arg[1]);
}

int32_t sys_sched_get_priority_max(const uint32_t *arg)
{
    return highest(arg[0]);
}

int32_t sys_sched_get_priority_min(const uint32_t *arg)
{
    int32_t most = highest(arg[0]);
    return most > 0 ? 1 : most;
}

/* tid, where to store the length of a slice */
int32_t sys_sched_rr_get_interval(const uint32_t *arg)
{
    int32_t error = check_task(arg[0]);
    return error ? error : timespec32.put(arg[1], TIME_SLICE_NS);
}
