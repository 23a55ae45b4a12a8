/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/types.h"

/*
 * Log a system call of the current task with its arguments, decoded as the
 * letters of abi/syscalls.h say, before it runs (calls that do not return are
 * seen too), and its result after it.
 */
void strace_enter(const char *name, const char *letters, const uint32_t *arg);
void strace_leave(const char *name, int32_t result);
