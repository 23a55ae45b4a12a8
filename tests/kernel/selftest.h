/* SPDX-License-Identifier: MIT */
/*
 * In-kernel self-tests: `test` at the shell and the suite run them one by one,
 * each in a kernel thread of its own, which may load any MM since its stack is
 * in global memory; interrupts on, no lock held. A SELFTEST_IN_MM runs in the
 * task that asked instead, in its MM.
 *
 *     SELFTEST(frame_alloc, "a frame comes back when it is put")
 *     {
 *         struct frame *f = frame_alloc(FRAME_ANY);
 *         CHECK(f != NULL);
 *         ...
 *     }
 *
 * DEADLY_SELFTEST is one that must not come back: what it does is to be caught
 * by a panic or by the runner. A LONG_SELFTEST takes its time. Both are left
 * out unless asked for by name.
 *
 * CHECK reports the line and leaves the test; CHECK_GOTO lets it clean up. A
 * test leaves nothing allocated behind: the frame count is compared.
 */
#pragma once

#include "kernel/log.h"
#include "kernel/types.h"

struct selftest {
    const char *name, *meaning;
    bool (*run)(void); /* true: passed */
    bool by_name;      /* left out unless asked for by name */
    bool in_mm;        /* in the task that asks */
};

/* Collected by the linker script between these two. */
extern const struct selftest selftests_start[], selftests_end[];

#define SELFTEST(id, what)        SELFTEST_OF_KIND(id, what, false, false)
#define SELFTEST_IN_MM(id, what)  SELFTEST_OF_KIND(id, what, false, true)
#define DEADLY_SELFTEST(id, what) SELFTEST_OF_KIND(id, what, true, false)
#define DEADLY_IN_MM(id, what)    SELFTEST_OF_KIND(id, what, true, true)
#define LONG_SELFTEST(id, what)   SELFTEST_OF_KIND(id, what, true, false)

#define SELFTEST_OF_KIND(id, what, by_name, in_mm)                       \
    static void selftest_body_##id(bool *passed);                        \
    static bool selftest_run_##id(void)                                  \
    {                                                                    \
        bool passed = true;                                              \
        selftest_body_##id(&passed);                                     \
        return passed;                                                   \
    }                                                                    \
    static const struct selftest selftest_##id SECTION(".selftests") = { \
        #id, what, selftest_run_##id, by_name, in_mm};                   \
    static void selftest_body_##id(__attribute__((unused)) bool *passed)

#define CHECK_FAILED(condition) \
    (*passed = false,           \
     log_warn("%s:%d: not so: %s", __FILE__, __LINE__, #condition))

#define CHECK(condition)             \
    do {                             \
        if (!(condition)) {          \
            CHECK_FAILED(condition); \
            return;                  \
        }                            \
    } while (0)

#define CHECK_GOTO(condition, label) \
    do {                             \
        if (!(condition)) {          \
            CHECK_FAILED(condition); \
            goto label;              \
        }                            \
    } while (0)
