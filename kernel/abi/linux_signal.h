/* SPDX-License-Identifier: MIT */
/*
 * Signals as Linux on i386 has them: numbers, flags, and what programs see of
 * them in memory. The frames that a handler finds on its stack are in
 * arch/i386/signal.c.
 */
#pragma once

#include <stdint.h>

#include "kernel/abi/linux_limits.h"

#define ABI_SIGNALS 64

#define ABI_SIGILL   4
#define ABI_SIGTRAP  5
#define ABI_SIGBUS   7
#define ABI_SIGFPE   8
#define ABI_SIGKILL  9
#define ABI_SIGSEGV  11
#define ABI_SIGALRM  14
#define ABI_SIGCHLD  17
#define ABI_SIGCONT  18
#define ABI_SIGSTOP  19
#define ABI_SIGURG   23
#define ABI_SIGWINCH 28
#define ABI_SIGRTMIN 32

/* Handlers that are none. */
#define ABI_SIG_DFL 0
#define ABI_SIG_IGN 1

#define ABI_SA_NOCLDWAIT 0x00000002u
#define ABI_SA_SIGINFO   0x00000004u
#define ABI_SA_RESTORER  0x04000000u
#define ABI_SA_ONSTACK   0x08000000u
#define ABI_SA_RESTART   0x10000000u
#define ABI_SA_NODEFER   0x40000000u
#define ABI_SA_RESETHAND 0x80000000u
#define ABI_SA_ALL       0xdc000807u /* what is kept of the flags; more bits: */
                                     /* SA_EXPOSE_TAGBITS, without effect */

/* sigprocmask */
#define ABI_SIG_BLOCK   0
#define ABI_SIG_UNBLOCK 1
#define ABI_SIG_SETMASK 2

struct abi_sigaction {
    uint32_t handler, flags, restorer;
    uint64_t mask;
};

/* sigaltstack */
#define ABI_SS_ONSTACK    1u
#define ABI_SS_DISABLE    2u
#define ABI_SS_AUTODISARM 0x80000000u
#define ABI_MINSIGSTKSZ   2048u

struct abi_stack {
    uint32_t start, flags, size;
};

/* Codes of siginfo: who sent it, or what happened. */
#define ABI_SI_USER    0
#define ABI_SI_KERNEL  0x80
#define ABI_SI_TKILL   (-6)
#define ABI_CLD_EXITED 1
#define ABI_CLD_KILLED 2

#define ABI_ILL_ILLOPN  2
#define ABI_FPE_INTDIV  1
#define ABI_FPE_FLTDIV  3
#define ABI_FPE_FLTOVF  4
#define ABI_FPE_FLTUND  5
#define ABI_FPE_FLTRES  6
#define ABI_FPE_FLTINV  7
#define ABI_SEGV_MAPERR 1
#define ABI_SEGV_ACCERR 2
#define ABI_BUS_ADRALN  1
#define ABI_BUS_ADRERR  2
#define ABI_TRAP_TRACE  2

struct abi_siginfo {
    int32_t number, error, code;
    union {
        uint32_t pid;     /* who sent it, or ended */
        uint32_t address; /* of a fault */
    };
    uint32_t uid;
    int32_t status; /* of a child that ended; else a value */
    uint32_t rest[26];
};

/* setitimer */
#define ABI_ITIMER_REAL 0

struct abi_itimerval {
    struct abi_timeval interval, value;
};
