/* SPDX-License-Identifier: MIT */
/*
 * Structures and constants of the calls that Linux on i386 also has, laid out
 * as Linux lays them out. Names carry the field's own words; the prefix abi_
 * keeps them apart from a C library's.
 */
#pragma once

#include <stdint.h>

#include "kernel/abi/linux_signal.h"

struct abi_timespec32 {
    int32_t seconds;
    int32_t nanoseconds;
};

struct abi_timespec64 {
    int64_t seconds;
    int32_t nanoseconds; /* signed, as in Linux; the pad is not looked at */
    uint32_t pad;
};

#define ABI_CLOCK_REALTIME         0
#define ABI_CLOCK_MONOTONIC        1
#define ABI_CLOCK_PROCESS_CPUTIME  2
#define ABI_CLOCK_THREAD_CPUTIME   3
#define ABI_CLOCK_MONOTONIC_RAW    4
#define ABI_CLOCK_REALTIME_COARSE  5
#define ABI_CLOCK_MONOTONIC_COARSE 6
#define ABI_CLOCK_BOOTTIME         7
#define ABI_CLOCK_TAI              11
#define ABI_TIMER_ABSTIME          1

struct abi_utsname {
    char system[65];
    char node[65];
    char release[65];
    char version[65];
    char machine[65];
    char domain[65];
};

/* clone; the low byte is the signal at the end */
#define ABI_CLONE_SIGNAL         0x000000ffu
#define ABI_CLONE_VM             0x00000100u
#define ABI_CLONE_FS             0x00000200u
#define ABI_CLONE_FILES          0x00000400u
#define ABI_CLONE_SIGHAND        0x00000800u
#define ABI_CLONE_PIDFD          0x00001000u
#define ABI_CLONE_VFORK          0x00004000u
#define ABI_CLONE_PARENT         0x00008000u
#define ABI_CLONE_THREAD         0x00010000u
#define ABI_CLONE_NEWNS          0x00020000u
#define ABI_CLONE_SETTLS         0x00080000u
#define ABI_CLONE_PARENT_SETTID  0x00100000u
#define ABI_CLONE_CHILD_CLEARTID 0x00200000u
#define ABI_CLONE_DETACHED       0x00400000u
#define ABI_CLONE_CHILD_SETTID   0x01000000u
#define ABI_CLONE_NAMESPACES     0x7e020000u /* all CLONE_NEW*: not here */

struct abi_clone_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
    uint64_t stack, stack_size, tls; /* the first version ends here */
    uint64_t set_tid, set_tid_size, cgroup;
};
#define ABI_CLONE_ARGS_MIN 64

/* mmap, mremap, msync, madvise */
#define ABI_PROT_ALL            0x7u /* read 1, write 2, execute 4 */
#define ABI_PROT_GROWSDOWN      0x01000000u
#define ABI_PROT_GROWSUP        0x02000000u
#define ABI_MAP_SHARED          0x01u
#define ABI_MAP_PRIVATE         0x02u
#define ABI_MAP_SHARED_VALIDATE 0x03u
#define ABI_MAP_TYPE            0x0fu
#define ABI_MAP_FIXED           0x10u
#define ABI_MAP_ANONYMOUS       0x20u
#define ABI_MAP_GROWSDOWN       0x100u
#define ABI_MAP_POPULATE        0x8000u
#define ABI_MAP_HUGETLB         0x40000u
#define ABI_MAP_FIXED_NOREPLACE 0x100000u
#define ABI_MAP_KNOWN           0x1ff9ffu
#define ABI_MREMAP_MAYMOVE      1u
#define ABI_MREMAP_FIXED        2u
#define ABI_MS_ASYNC            1u
#define ABI_MS_INVALIDATE       2u
#define ABI_MS_SYNC             4u
#define ABI_MADV_NORMAL         0
#define ABI_MADV_RANDOM         1
#define ABI_MADV_SEQUENTIAL     2
#define ABI_MADV_WILLNEED       3
#define ABI_MADV_DONTNEED       4
#define ABI_MADV_FREE           8
#define ABI_MADV_DONTFORK       10
#define ABI_MADV_DOFORK         11
#define ABI_MADV_HUGEPAGE       14
#define ABI_MADV_NOHUGEPAGE     15
#define ABI_MADV_DONTDUMP       16
#define ABI_MADV_DODUMP         17
#define ABI_MADV_COLD           20
#define ABI_MADV_PAGEOUT        21

/* wait4, waitid */
#define ABI_WNOHANG    1u
#define ABI_WUNTRACED  2u /* nothing stops or goes on here, so these ask for */
#define ABI_WCONTINUED 8u /* nothing more */
#define ABI_WEXITED    4u
#define ABI_WSTATES    0xeu /* waitid: which changes; wait4 has no such bits */
#define ABI_WNOWAIT    0x01000000u
#define ABI_WNOTHREAD  0x20000000u /* children that this thread made */
#define ABI_WALL       0x40000000u
#define ABI_WCLONE     0x80000000u
#define ABI_P_ALL      0
#define ABI_P_PID      1
#define ABI_P_PGID     2

/* reboot */
#define ABI_REBOOT_MAGIC1    0xfee1dead
#define ABI_REBOOT_MAGIC2    0x28121969
#define ABI_REBOOT_RESTART   0x01234567
#define ABI_REBOOT_POWER_OFF 0x4321fedc

/* the auxiliary vector */
#define ABI_AT_NULL   0
#define ABI_AT_PHDR   3
#define ABI_AT_PHENT  4
#define ABI_AT_PHNUM  5
#define ABI_AT_PAGESZ 6
#define ABI_AT_ENTRY  9
#define ABI_AT_UID    11
#define ABI_AT_EUID   12
#define ABI_AT_GID    13
#define ABI_AT_EGID   14
#define ABI_AT_HWCAP  16
#define ABI_AT_CLKTCK 17
#define ABI_AT_SECURE 23
#define ABI_AT_RANDOM 25
#define ABI_AT_EXECFN 31
