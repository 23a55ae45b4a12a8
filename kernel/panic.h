/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/types.h"

/*
 * Stop the other CPUs, print one screen (what, where, registers, backtrace,
 * CPU, task, MM), report "panic" on the result channel, turn the machine off
 * if it runs under a test, else stop.
 */
NORETURN void panic(const char *format, ...) PRINTF(1, 2);

/* The same for an exception whose registers are in `frame`. */
struct trap_frame;
NORETURN void panic_at(const struct trap_frame *frame, const char *format, ...)
    PRINTF(2, 3);

/* States an invariant; never checks input. Always on, in every build. */
#define ASSERT(condition)                                               \
    do {                                                                \
        if (__builtin_expect(!(condition), 0))                          \
            panic("assertion failed: %s (%s:%d)", #condition, __FILE__, \
                  __LINE__);                                            \
    } while (0)

/* For checks that cost something: only in debug builds. */
#ifdef DEBUG
#define DEBUG_ASSERT(condition) ASSERT(condition)
#else
#define DEBUG_ASSERT(condition) ((void)sizeof(condition))
#endif
