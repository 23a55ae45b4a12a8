/* SPDX-License-Identifier: MIT */
/*
 * Limits, use of resources, scheduling and what else a C library asks about,
 * laid out as Linux on i386 does.
 */
#pragma once

#include <stdint.h>

/* Resources of getrlimit and its kin: those that have an effect, or a default
 * of their own. */
#define ABI_RLIMIT_DATA       2
#define ABI_RLIMIT_STACK      3
#define ABI_RLIMIT_CORE       4
#define ABI_RLIMIT_NPROC      6
#define ABI_RLIMIT_NOFILE     7
#define ABI_RLIMIT_AS         9
#define ABI_RLIMIT_SIGPENDING 11
#define ABI_RLIMITS           16

#define ABI_RLIM_INFINITY 0xffffffffu
#define ABI_NOFILE_MAX    1048576u /* the hard limit may not go beyond */

struct abi_rlimit {
    uint32_t soft, hard;
};

struct abi_rlimit64 {
    uint64_t soft, hard;
};

struct abi_timeval {
    int32_t seconds, microseconds;
};

/* getrusage and wait4 */
#define ABI_RUSAGE_SELF     0
#define ABI_RUSAGE_CHILDREN (-1)
#define ABI_RUSAGE_THREAD   1

struct abi_rusage {
    struct abi_timeval user, system;
    uint32_t others[14]; /* not measured */
};

/* times: in ticks of 1/100 s */
struct abi_tms {
    uint32_t user, system, children_user, children_system;
};

struct abi_sysinfo {
    uint32_t uptime, loads[3];
    uint32_t ram, free_ram, shared_ram, buffer_ram, swap, free_swap;
    uint16_t tasks, pad;
    uint32_t high_ram, free_high_ram;
    uint32_t unit; /* bytes that the sizes above count */
    uint8_t unused[8];
};

/* getrandom */
#define ABI_GRND_NONBLOCK 1u
#define ABI_GRND_RANDOM   2u
#define ABI_GRND_INSECURE 4u

/* sched_setscheduler */
#define ABI_SCHED_OTHER         0
#define ABI_SCHED_FIFO          1
#define ABI_SCHED_RR            2
#define ABI_SCHED_BATCH         3
#define ABI_SCHED_IDLE          5
#define ABI_SCHED_DEADLINE      6
#define ABI_SCHED_RESET_ON_FORK 0x40000000u
