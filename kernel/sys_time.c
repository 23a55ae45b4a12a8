/* SPDX-License-Identifier: MIT */
/* System calls about time, in the 32-bit and the 64-bit form. */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/syscall.h"
#include "kernel/time.h"
#include "kernel/timespec.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "machine/uaccess.h"

/* clock, time */
static int32_t get_time(const uint32_t *arg, const struct timespec_form *form)
{
    uint64_t ns;
    int error = time_read((int32_t)arg[0], &ns);
    return error ? error : form->put(arg[1], ns);
}
BOTH_FORMS(clock_gettime, clock_gettime64, get_time)

/* clock, resolution or NULL: the counter is finer than a nanosecond. */
static int32_t get_resolution(const uint32_t *arg,
                              const struct timespec_form *form)
{
    uint64_t ns;
    int error = time_read((int32_t)arg[0], &ns);
    return error || !arg[1] ? error : form->put(arg[1], 1);
}
BOTH_FORMS(clock_getres, clock_getres_time64, get_resolution)

/* Where to store the time, or NULL; returns it, too. */
int32_t sys_time(const uint32_t *arg)
{
    uint64_t ns;
    (void)time_read(ABI_CLOCK_REALTIME, &ns);
    int32_t seconds = (int32_t)divide_u64(ns, NS_PER_SECOND, NULL);
    if (arg[0] && copy_to_user(user_ptr_at(arg[0]), &seconds, sizeof(seconds)))
        return -EFAULT;
    return seconds;
}

/* time or NULL, zone or NULL: it is Greenwich's */
int32_t sys_gettimeofday(const uint32_t *arg)
{
    const uint32_t zone[2] = {0, 0};
    uint64_t ns;
    (void)time_read(ABI_CLOCK_REALTIME, &ns);
    struct abi_timeval t = timeval_of(ns);
    if ((arg[0] && copy_to_user(user_ptr_at(arg[0]), &t, sizeof(t))) ||
        (arg[1] && copy_to_user(user_ptr_at(arg[1]), zone, sizeof(zone))))
        return -EFAULT;
    return 0;
}

/* Until a signal: then say how much is left of a wait that was relative. */
static int32_t sleep_for(uint64_t ns, uint32_t left,
                         const struct timespec_form *form)
{
    uint64_t deadline = clock_ns() + ns;
    int error = time_sleep_until(deadline);
    uint64_t now = clock_ns();
    if (error == -EINTR && left &&
        form->put(left, deadline > now ? deadline - now : 0))
        return -EFAULT;
    return error;
}

/* time, time left */
int32_t sys_nanosleep(const uint32_t *arg)
{
    uint64_t ns;
    int error = timespec32.get(arg[0], &ns);
    return error ? error : sleep_for(ns, arg[1], &timespec32);
}

/* clock, flags, time, time left */
static int32_t clock_sleep(const uint32_t *arg,
                           const struct timespec_form *form)
{
    uint64_t ns, now;
    int32_t clock = (int32_t)arg[0];
    int error = time_read(clock, &now);
    if (error)
        return error;
    if (clock == ABI_CLOCK_THREAD_CPUTIME || clock == ABI_CLOCK_MONOTONIC_RAW ||
        clock == ABI_CLOCK_REALTIME_COARSE ||
        clock == ABI_CLOCK_MONOTONIC_COARSE ||
        clock == ABI_CLOCK_PROCESS_CPUTIME)
        return -EOPNOTSUPP; /* no timers on these */
    error = form->get(arg[2], &ns);
    bool relative = !(arg[1] & ABI_TIMER_ABSTIME);
    if (!relative)
        ns = ns > now ? ns - now : 0;
    return error ? error : sleep_for(ns, relative ? arg[3] : 0, form);
}
BOTH_FORMS(clock_nanosleep, clock_nanosleep_time64, clock_sleep)
