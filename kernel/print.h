/* SPDX-License-Identifier: MIT */
/* Formatting, without allocation and without libgcc. */
#ifndef KERNEL_PRINT_H
#define KERNEL_PRINT_H

#include <stdarg.h>

#include "kernel/types.h"

/*
 * Like the C library's, for %d %i %u %x %X %o %c %s %p %% with flags '-', '0',
 * '+', ' ', '#', width, precision, '*', and lengths hh h l ll z. `%p` prints 8
 * hexadecimal digits. Always ends the string if size > 0; returns the length
 * that the whole would have had.
 */
int format_list(char *buffer, size_t size, const char *format, va_list list);
int format(char *buffer, size_t size, const char *format, ...) PRINTF(3, 4);

#endif
