/* SPDX-License-Identifier: MIT */
/* Time in nanoseconds, by the 64-bit forms of the calls. */
#include "user/lib/clock.h"

#include "user/lib/division.h"
#include "user/lib/syscall.h"

uint64_t clock_now(void)
{
    struct abi_timespec64 t = {0};

    sys_clock_gettime64(ABI_CLOCK_MONOTONIC, &t);
    return (uint64_t)t.seconds * NANOSECONDS + (uint32_t)t.nanoseconds;
}

void clock_sleep(uint64_t nanoseconds)
{
    uint32_t rest;
    uint64_t seconds = divide_u64(nanoseconds, NANOSECONDS, &rest);
    struct abi_timespec64 t = {(int64_t)seconds, (int32_t)rest, 0};

    sys_clock_nanosleep_time64(ABI_CLOCK_MONOTONIC, 0, &t, NULL);
}
