/* SPDX-License-Identifier: MIT */
/* The usual functions; GCC itself calls the first four. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

/* Copy what fits, always ended (size > 0); false when it was cut. */
bool string_copy(char *to, const char *from, size_t size);

/* Whether `s` begins with `prefix`. */
bool string_begins(const char *s, const char *prefix);

/* Read a whole decimal or 0x number: true if `s` is nothing else and fits. */
bool string_to_number(const char *s, uint32_t *number);
