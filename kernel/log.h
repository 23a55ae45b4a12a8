/* SPDX-License-Identifier: MIT */
/*
 * The kernel's log: lines kept in a ring in memory (the query call reads it)
 * and copied to the serial line that the boot option log= names. Warnings also
 * go to the console where log= is not given. May be called anywhere, NMIs
 * excepted, with any lock held: its own lock has the innermost rank.
 */
#pragma once

#include "kernel/types.h"

/* One line; the end of line is added. */
#define log_info(...) log_line(false, __VA_ARGS__)
#define log_warn(...) log_line(true, __VA_ARGS__)
void log_line(bool warn, const char *format, ...) PRINTF(2, 3);

/* Copy up to `bytes` bytes of the log from byte `offset`; returns how many. */
uint32_t log_read(uint32_t offset, char *buffer, uint32_t bytes);

/*
 * For panics, NMIs and faults in the log itself: straight to the log's line
 * and the console, polled, not kept, no lock.
 */
void log_raw(const char *format, ...) PRINTF(1, 2);
