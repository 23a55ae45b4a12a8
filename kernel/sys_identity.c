/* SPDX-License-Identifier: MIT */
/*
 * What programs ask about themselves. There is one user, 0, and one kind of
 * scheduling; a thread group is a process group of its own. Linux's answers to
 * that, and its errors.
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

/* The group of task `tid`, 0: the current one's; -ESRCH. */
static int32_t group_of(uint32_t tid)
{
    spin_lock(&tasks_lock);
    const struct task *task = tid ? task_find(tid) : current_task();
    int32_t group = task ? (int32_t)task->tgid : -ESRCH;
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

int32_t sys_getsid(const uint32_t *arg)
{
    return group_of(arg[0]);
}

int32_t sys_personality(const uint32_t *arg)
{
    return arg[0] == 0 || arg[0] == ABI_PERSONALITY_QUERY ? 0 : -EINVAL;
}

/* None of Linux's codes for i386 does anything here. */
int32_t sys_arch_prctl(const uint32_t *arg)
{
    (void)arg;
    return -EINVAL;
}

/* command, flags: 0 asks which commands there are, and there are none. */
int32_t sys_membarrier(const uint32_t *arg)
{
    return arg[0] || arg[1] ? -EINVAL : 0;
}

/* option, name */
int32_t sys_prctl(const uint32_t *arg)
{
    struct task *self = current_task();
    char name[TASK_NAME] = "";
    user_ptr at = user_ptr_at(arg[1]);
    if (arg[0] == ABI_PR_GET_NAME)
        return copy_to_user(at, self->name, sizeof(name));
    if (arg[0] != ABI_PR_SET_NAME)
        return -EINVAL;
    int length = copy_string_from_user(name, at, sizeof(name));
    if (length == -EFAULT)
        return -EFAULT;
    name[sizeof(name) - 1] = '\0';
    spin_lock(&tasks_lock); /* task_row() */
    memcpy(self->name, name, sizeof(name));
    spin_unlock(&tasks_lock);
    return 0;
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

/* The range of a policy's priorities; false: no such policy. */
static bool priorities(uint32_t policy, int32_t *lowest, int32_t *highest)
{
    bool real_time = policy == ABI_SCHED_FIFO || policy == ABI_SCHED_RR;
    *lowest = real_time ? 1 : 0;
    *highest = real_time ? 99 : 0;
    return real_time || policy == ABI_SCHED_OTHER ||
           policy == ABI_SCHED_BATCH || policy == ABI_SCHED_IDLE ||
           policy == ABI_SCHED_DEADLINE;
}

static int32_t set_policy(uint32_t tid, uint32_t policy, uint32_t address)
{
    int32_t priority, lowest, highest;
    if (!address || (int32_t)tid < 0)
        return -EINVAL;
    if (copy_from_user(&priority, user_ptr_at(address), sizeof(priority)))
        return -EFAULT;
    int32_t error = check_task(tid);
    if (error)
        return error;
    if (!priorities(policy, &lowest, &highest) ||
        policy == ABI_SCHED_DEADLINE || priority < lowest || priority > highest)
        return -EINVAL;
    return policy == ABI_SCHED_OTHER ? 0 : -EPERM; /* there is no other */
}

/* tid, policy, priority */
int32_t sys_sched_setscheduler(const uint32_t *arg)
{
    return set_policy(arg[0], arg[1] & ~ABI_SCHED_RESET_ON_FORK, arg[2]);
}

int32_t sys_sched_setparam(const uint32_t *arg)
{
    return set_policy(arg[0], ABI_SCHED_OTHER, arg[1]);
}

int32_t sys_sched_get_priority_max(const uint32_t *arg)
{
    int32_t lowest, highest;
    return priorities(arg[0], &lowest, &highest) ? highest : -EINVAL;
}

int32_t sys_sched_get_priority_min(const uint32_t *arg)
{
    int32_t lowest, highest;
    return priorities(arg[0], &lowest, &highest) ? lowest : -EINVAL;
}

/* tid, where to store the length of a slice */
int32_t sys_sched_rr_get_interval(const uint32_t *arg)
{
    int32_t error = check_task(arg[0]);
    return error ? error : timespec32.put(arg[1], TIME_SLICE_NS);
}

int32_t sys_sched_rr_get_interval_time64(const uint32_t *arg)
{
    int32_t error = check_task(arg[0]);
    return error ? error : timespec64.put(arg[1], TIME_SLICE_NS);
}
