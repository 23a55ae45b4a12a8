/* SPDX-License-Identifier: MIT */
/*
 * How long tasks have run, how much memory there is, random bytes. Time is not
 * divided into user and system: all of it is told as the program's own.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_limits.h"
#include "kernel/sched.h"
#include "kernel/syscall.h"
#include "kernel/task_table.h"
#include "kernel/time.h"
#include "kernel/timespec.h"
#include "kernel/usage.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "machine/uaccess.h"
#include "mm/frame.h"
#include "mm/swap.h"

#define NS_PER_TICK 10000000u

uint64_t usage_ns(int32_t whose)
{
    struct task *self = current_task(), *leader = self->leader, *t;
    spin_lock(&tasks_lock);
    uint64_t cycles = leader->usage.threads;
    if (whose == ABI_RUSAGE_THREAD)
        cycles = sched_run_cycles(self);
    else if (whose == ABI_RUSAGE_CHILDREN)
        cycles = leader->usage.children;
    else
        for_each_thread (t, leader)
            cycles += sched_run_cycles(t);
    spin_unlock(&tasks_lock);
    return clock_cycles_to_ns(cycles);
}

static uint32_t ticks(uint64_t ns)
{
    return (uint32_t)divide_u64(ns, NS_PER_TICK, NULL);
}

/* Where to store a struct tms, or NULL. Returns the ticks since the start. */
int32_t sys_times(const uint32_t *arg)
{
    struct abi_tms t = {.user = ticks(usage_ns(ABI_RUSAGE_SELF)),
                        .children_user = ticks(usage_ns(ABI_RUSAGE_CHILDREN))};
    if (arg[0] && copy_to_user(user_ptr_at(arg[0]), &t, sizeof(t)))
        return -EFAULT;
    return (int32_t)(ticks(clock_ns()) & INT32_MAX);
}

int usage_to_user(uint32_t address, uint64_t ns)
{
    struct abi_rusage usage = {.user = timeval_of(ns)};
    return copy_to_user(user_ptr_at(address), &usage, sizeof(usage));
}

/* who, usage */
int32_t sys_getrusage(const uint32_t *arg)
{
    int32_t who = (int32_t)arg[0];
    if (who < ABI_RUSAGE_CHILDREN || who > ABI_RUSAGE_THREAD)
        return -EINVAL;
    return usage_to_user(arg[1], usage_ns(who));
}

int32_t sys_sysinfo(const uint32_t *arg)
{
    struct frame_stats f;
    frame_stats(&f);
    struct abi_sysinfo info = {
        .uptime = (uint32_t)divide_u64(clock_ns(), NS_PER_SECOND, NULL),
        .ram = (uint32_t)(f.total[ZONE_LOW] + f.total[ZONE_HIGH]),
        .free_ram = (uint32_t)(f.free[ZONE_LOW] + f.free[ZONE_HIGH]),
        .tasks = (uint16_t)__atomic_load_n(&task_count, __ATOMIC_RELAXED),
        .high_ram = (uint32_t)f.total[ZONE_HIGH],
        .free_high_ram = (uint32_t)f.free[ZONE_HIGH],
        .swap = swap_total(),
        .free_swap = swap_free(),
        .unit = PAGE_SIZE};
    return copy_to_user(user_ptr_at(arg[0]), &info, sizeof(info));
}

/* buffer, bytes, flags. A signal ends it early once there is something. */
int32_t sys_getrandom(const uint32_t *arg)
{
    const uint32_t both = ABI_GRND_RANDOM | ABI_GRND_INSECURE;
    uint32_t done = 0, count;
    uint32_t bytes = arg[1] < INT32_MAX ? arg[1] : INT32_MAX;
    if (arg[2] & ~(both | ABI_GRND_NONBLOCK) || (arg[2] & both) == both)
        return -EINVAL;
    for (; done < bytes && !(done && wait_interrupted()); done += count) {
        uint32_t word = cpu_random();
        count = bytes - done < sizeof(word) ? bytes - done : sizeof(word);
        if (copy_to_user(user_ptr_plus(user_ptr_at(arg[0]), done), &word,
                         count))
            return done ? (int32_t)done : -EFAULT;
    }
    return (int32_t)done;
}
