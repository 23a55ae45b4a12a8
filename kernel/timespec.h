/* SPDX-License-Identifier: MIT */
/* Times as programs pass them, in Linux's 32-bit and 64-bit forms. */
#pragma once

#include "kernel/abi/linux_limits.h"
#include "kernel/types.h"

/* One form: how to read a time at a user address, and how to write one. */
struct timespec_form {
    /* Nanoseconds, at most some centuries. -EFAULT, -EINVAL: not a time. */
    int (*get)(uint32_t address, uint64_t *ns);
    int (*put)(uint32_t address, uint64_t ns); /* -EFAULT */
};

extern const struct timespec_form timespec32, timespec64;

/* Nanoseconds in the form that counts microseconds. */
struct abi_timeval timeval_of(uint64_t ns);

/* A system call that has two numbers, one for each form. */
#define BOTH_FORMS(call, wide_call, function)    \
    int32_t sys_##call(const uint32_t *arg)      \
    {                                            \
        return function(arg, &timespec32);       \
    }                                            \
    int32_t sys_##wide_call(const uint32_t *arg) \
    {                                            \
        return function(arg, &timespec64);       \
    }
