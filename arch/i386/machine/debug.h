/* SPDX-License-Identifier: MIT */
/* Registers and backtraces, printed by log_raw(): for panics and dumps. */
#pragma once

#include "kernel/types.h"

struct trap_frame;

void debug_print_registers(const struct trap_frame *frame);

/* The backtrace of an interrupted context, or, with NULL, of the caller. */
void debug_print_backtrace(const struct trap_frame *frame);
