/* SPDX-License-Identifier: MIT */
/*
 * The machine's part of signals: frames on the program's stack, and how a
 * system call that was interrupted ends.
 */
#ifndef MACHINE_SIGNAL_H
#define MACHINE_SIGNAL_H

#include "kernel/signal.h"

/*
 * Let the current task begin its handler on the way to user mode, with a frame
 * on its stack that restores everything, `blocked` included. 0, or -EFAULT if
 * the stack cannot take it: then nothing has changed.
 */
int signal_enter_handler(const struct signal_info *info,
                         const struct abi_sigaction *action,
                         signal_set blocked);

/* If `eip` is the code in a frame that ends a handler: what it would do. */
bool signal_return_code(uint32_t eip);

/* What the system call is about to return; NULL: not in one. */
int32_t *call_result(void);

/* Let it be made again with the same arguments. */
void call_again(void);

#endif
