/* SPDX-License-Identifier: MIT */
/*
 * Formatted output. Conversions: %d %i %u %x %X %o %c %s %p %%, flags '-' '0'
 * '+' ' ' '#', width, precision, '*', lengths hh h l ll z. There is no buffer
 * between calls: what printf() was given is written when it returns, in one
 * system call if it is at most 512 bytes, so lines of threads do not mix.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define STANDARD_INPUT  0
#define STANDARD_OUTPUT 1
#define STANDARD_ERROR  2

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Print to standard output or to `file`; the number of characters. */
int printf(const char *format, ...) PRINTF_LIKE(1, 2);
int print_to(int file, const char *format, ...) PRINTF_LIKE(2, 3);
int print_list(int file, const char *format, va_list list);

/* Into a buffer, always ended (size > 0); the length of the whole. */
int format_to(char *buffer, size_t size, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Write all of it, in as many calls as it takes; 0 or a negative error. */
int write_all(int file, const char *bytes, size_t count);

/* "512 B", "12 KiB", "3.5 MiB": a buffer for one and the function. */
struct bytes_text {
    char text[24];
};
struct bytes_text bytes_text(uint64_t bytes);
