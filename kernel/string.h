/* SPDX-License-Identifier: MIT */
/* The usual functions; GCC itself calls the first four. */
#pragma once

#include "kernel/types.h"

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

/* What a digit of any base up to 16 is worth; 16 for all else. */
uint32_t digit_value(char c);

/*
 * Copy as much of `from` as fits, always ended (size > 0). Returns false when
 * it was cut.
 */
bool string_copy(char *to, const char *from, size_t size);
