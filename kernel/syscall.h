/* SPDX-License-Identifier: MIT */
/*
 * System calls. A handler gets its up to six arguments as they lie in the trap
 * frame and returns a result or a negative errno. Every line of the list in
 * abi/syscalls.h has a handler; they are grouped in sys_*.c.
 */
#pragma once

#include "kernel/types.h"

#define SYSCALL(number, name, arguments) \
    int32_t sys_##name(const uint32_t *arg);
#include "kernel/abi/syscalls.h"
#undef SYSCALL

/* Fill row `index` of QUERY_UNKNOWN; false past the end. */
struct abi_unknown_call;
bool unknown_call_row(uint32_t index, struct abi_unknown_call *row);

/* Call the handler of `number`; -ENOSYS if there is none. */
int32_t syscall_dispatch(uint32_t number, const uint32_t *arg);
