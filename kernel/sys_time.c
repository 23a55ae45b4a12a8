/* SPDX-License-Identifier: MIT */
/* System calls about time, in the 32-bit and the 64-bit form. */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/syscall.h"
#include "kernel/time.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "machine/uaccess.h"

static struct abi_timespec64 split(uint64_t ns)
{
    uint32_t rest;
    uint64_t seconds = divide_u64(ns, NS_PER_SECOND, &rest);
    return (struct abi_timespec64){.seconds = (int64_t)seconds,
                                   .nanoseconds = (int32_t)rest};
}

static int put_time32(uint32_t address, struct abi_timespec64 t)
{
    struct abi_timespec32 t32 = {(int32_t)t.seconds, t.nanoseconds};
    return copy_to_user(user_ptr_at(address), &t32, sizeof(t32));
}

static int put_time64(uint32_t address, struct abi_timespec64 t)
{
    return copy_to_user(user_ptr_at(address), &t, sizeof(t));
}

/* clock, time */
static int32_t get_time(const uint32_t *arg,
                        int (*put)(uint32_t, struct abi_timespec64))
{
    uint64_t ns;
    int error = time_read((int32_t)arg[0], &ns);
    return error ? error : put(arg[1], split(ns));
}

int32_t sys_clock_gettime(const uint32_t *arg)
{
    return get_time(arg, put_time32);
}

int32_t sys_clock_gettime64(const uint32_t *arg)
{
    return get_time(arg, put_time64);
}

/* clock, resolution or NULL: the counter is finer than a nanosecond. */
static int32_t get_resolution(const uint32_t *arg,
                              int (*put)(uint32_t, struct abi_timespec64))
{
    uint64_t ns;
    int error = time_read((int32_t)arg[0], &ns);
    if (error || !arg[1])
        return error;
    return put(arg[1], (struct abi_timespec64){.nanoseconds = 1});
}

int32_t sys_clock_getres(const uint32_t *arg)
{
    return get_resolution(arg, put_time32);
}

int32_t sys_clock_getres_time64(const uint32_t *arg)
{
    return get_resolution(arg, put_time64);
}

/* A time to wait, as nanoseconds; centuries are as good as for ever. */
static int to_ns(int64_t seconds, int32_t nanoseconds, uint64_t *ns)
{
    const int64_t longest = 1ll << 32;
    if (seconds < 0 || nanoseconds < 0 ||
        (uint32_t)nanoseconds >= NS_PER_SECOND)
        return -EINVAL;
    if (seconds > longest)
        seconds = longest;
    *ns = (uint64_t)seconds * NS_PER_SECOND + (uint32_t)nanoseconds;
    return 0;
}

/* A task is only interrupted to end, so nobody reads the time that is left. */
int32_t sys_nanosleep(const uint32_t *arg)
{
    struct abi_timespec32 t;
    uint64_t ns;
    if (copy_from_user(&t, user_ptr_at(arg[0]), sizeof(t)))
        return -EFAULT;
    int error = to_ns(t.seconds, t.nanoseconds, &ns);
    return error ? error : time_sleep_until(clock_ns() + ns);
}

/* clock, flags, time, time left */
int32_t sys_clock_nanosleep_time64(const uint32_t *arg)
{
    struct abi_timespec64 t;
    uint64_t ns, now;
    int error = time_read((int32_t)arg[0], &now);
    if (error)
        return error;
    if (arg[1] & ~(uint32_t)ABI_TIMER_ABSTIME)
        return -EINVAL;
    if (copy_from_user(&t, user_ptr_at(arg[2]), sizeof(t)))
        return -EFAULT;
    error = to_ns(t.seconds, t.nanoseconds, &ns);
    if (error)
        return error;
    if (arg[1] & ABI_TIMER_ABSTIME)
        ns = ns > now ? ns - now : 0;
    return time_sleep_until(clock_ns() + ns);
}
