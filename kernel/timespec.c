/* SPDX-License-Identifier: MIT */
/* Struct timespec in its two forms, and nanoseconds. */
#include "kernel/timespec.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/time.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"

/* Centuries are as good as for ever. */
#define LONGEST_SECONDS (1ll << 32)

static int to_ns(int64_t seconds, int32_t nanoseconds, uint64_t *ns)
{
    if (seconds < 0 || (uint32_t)nanoseconds >= NS_PER_SECOND)
        return -EINVAL;
    if (seconds > LONGEST_SECONDS)
        seconds = LONGEST_SECONDS;
    *ns = (uint64_t)seconds * NS_PER_SECOND + (uint32_t)nanoseconds;
    return 0;
}

static int get32(uint32_t address, uint64_t *ns)
{
    struct abi_timespec32 t;
    if (copy_from_user(&t, user_ptr_at(address), sizeof(t)))
        return -EFAULT;
    return to_ns(t.seconds, t.nanoseconds, ns);
}

static int get64(uint32_t address, uint64_t *ns)
{
    struct abi_timespec64 t;
    if (copy_from_user(&t, user_ptr_at(address), sizeof(t)))
        return -EFAULT;
    return to_ns(t.seconds, t.nanoseconds, ns);
}

struct abi_timeval timeval_of(uint64_t ns)
{
    uint32_t rest;
    int32_t seconds = (int32_t)divide_u64(ns, NS_PER_SECOND, &rest);
    return (struct abi_timeval){seconds, (int32_t)(rest / NS_PER_MICROSECOND)};
}

static int put64(uint32_t address, uint64_t ns)
{
    uint32_t rest;
    uint64_t seconds = divide_u64(ns, NS_PER_SECOND, &rest);
    struct abi_timespec64 t = {(int64_t)seconds, (int32_t)rest, 0};
    return copy_to_user(user_ptr_at(address), &t, sizeof(t));
}

static int put32(uint32_t address, uint64_t ns)
{
    uint32_t rest;
    uint64_t seconds = divide_u64(ns, NS_PER_SECOND, &rest);
    struct abi_timespec32 t = {(int32_t)seconds, (int32_t)rest};
    return copy_to_user(user_ptr_at(address), &t, sizeof(t));
}

const struct timespec_form timespec32 = {get32, put32};
const struct timespec_form timespec64 = {get64, put64};
