/* SPDX-License-Identifier: MIT */
/* Making a task that shares with its maker what it is told to. */
#pragma once

#include "kernel/abi/linux.h"
#include "kernel/types.h"

struct clone_request {
    uint32_t flags;       /* ABI_CLONE_*, without the signal */
    uint32_t exit_signal; /* for the parent at the end; 0: none */
    uint32_t stack;       /* stack pointer of the child, 0: the same */
    uint32_t parent_tid, child_tid, tls; /* user addresses */
};

/*
 * A copy of the current task, which is in a system call, begins to run: its
 * number. -EINVAL: flags that cannot be, or a bad TLS entry; -EAGAIN: no number
 * or too many tasks; -ENOMEM. With ABI_CLONE_VFORK it returns when the child
 * has left the MM.
 */
int clone_task(const struct clone_request *request);
