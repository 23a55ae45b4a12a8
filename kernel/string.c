/* SPDX-License-Identifier: MIT */
/*
 * The functions over ended strings, which portable C does well enough. Those
 * over blocks of memory, which the machine does better, are in
 * arch/i386/string.c. Characters compare as unsigned, as C asks.
 */
#include "kernel/string.h"

#include "kernel/panic.h"

size_t strlen(const char *s)
{
    const char *end = s;
    while (*end)
        end++;
    return (size_t)(end - s);
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; a++, b++, n--) {
        if (*a != *b)
            return (unsigned char)*a - (unsigned char)*b;
        if (!*a)
            break;
    }
    return 0;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)s;
        if (!*s)
            return NULL;
    }
}

uint32_t digit_value(char c)
{
    uint32_t digit = (uint32_t)(c - '0'), letter = (uint32_t)((c | 0x20) - 'a');
    return digit < 10 ? digit : letter < 6 ? letter + 10 : 16;
}

bool string_copy(char *to, const char *from, size_t size)
{
    ASSERT(size > 0);
    for (size_t i = 0; i < size; i++) {
        to[i] = from[i];
        if (!from[i])
            return true;
    }
    to[size - 1] = '\0';
    return false;
}
