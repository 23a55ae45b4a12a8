/* SPDX-License-Identifier: MIT */
/*
 * The machine's part of signals: frames on the program's stack, and how a
 * system call that was interrupted ends.
 */
#pragma once

#include "kernel/signal.h"

/*
 * Let the current task begin its handler on the way to user mode, with a frame
 * on its stack that restores everything, `blocked` included. 0, or -EFAULT if
 * the stack cannot take it: then nothing has changed.
 */
int signal_enter_handler(const struct signal_info *info,
                         const struct abi_sigaction *action,
                         signal_set blocked);

/* If that is where a handler returns to without SA_RESTORER: end it. */
bool signal_return_fault(uint32_t eip);

/*
 * How a system call that a signal interrupted ends, with a handler (NULL:
 * none): with -EINTR, or made again with the same arguments.
 */
void signal_end_call(const struct abi_sigaction *action);
