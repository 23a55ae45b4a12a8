/* SPDX-License-Identifier: MIT */
/* Formatting, without allocation and without libgcc. */
#pragma once

#include <stdarg.h>

#include "kernel/types.h"

/*
 * Like the C library's, for %d %u %x %c %s %p %% with the flags '-' '0' '#',
 * width, lengths l ll z, and for strings precision. `%p` prints 8 hexadecimal
 * digits. Always ends the string if size > 0; returns the length that the
 * whole would have had. GCC lets other conversions of the C library pass: they
 * are printed as they stand.
 */
int format_list(char *buffer, size_t size, const char *format, va_list list);
int format(char *buffer, size_t size, const char *format, ...) PRINTF(3, 4);
