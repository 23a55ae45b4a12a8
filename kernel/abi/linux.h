/* SPDX-License-Identifier: MIT */
/*
 * Structures and constants of the calls that Linux on i386 also has, laid out
 * as Linux lays them out. Names carry the field's own words; the prefix abi_
 * keeps them apart from a C library's.
 */
#ifndef ABI_LINUX_H
#define ABI_LINUX_H

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
#define ABI_CLONE_SIGNAL         0x000000ff
#define ABI_CLONE_VM             0x00000100
#define ABI_CLONE_FS             0x00000200
#define ABI_CLONE_FILES          0x00000400
#define ABI_CLONE_SIGHAND        0x00000800
#define ABI_CLONE_PIDFD          0x00001000
#define ABI_CLONE_PTRACE         0x00002000
#define ABI_CLONE_VFORK          0x00004000
#define ABI_CLONE_PARENT         0x00008000
#define ABI_CLONE_THREAD         0x00010000
#define ABI_CLONE_SYSVSEM        0x00040000
#define ABI_CLONE_NEWNS          0x00020000
#define ABI_CLONE_SETTLS         0x00080000
#define ABI_CLONE_PARENT_SETTID  0x00100000
#define ABI_CLONE_CHILD_CLEARTID 0x00200000
#define ABI_CLONE_DETACHED       0x00400000
#define ABI_CLONE_UNTRACED       0x00800000
#define ABI_CLONE_CHILD_SETTID   0x01000000
#define ABI_CLONE_NAMESPACES     0x7e020080 /* all CLONE_NEW*: not here */
#define ABI_CLONE_IO             0x80000000

/* wait4, waitid */
#define ABI_WNOHANG    1u
#define ABI_WUNTRACED  2u /* nothing stops or goes on here, so these ask for */
#define ABI_WCONTINUED 8u /* nothing more */
#define ABI_WEXITED    4
#define ABI_WNOWAIT    0x01000000
#define ABI_WNOTHREAD  0x20000000 /* groups wait as one: no difference */
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

#endif
