/* SPDX-License-Identifier: MIT */
/*
 * Strings and memory. The block functions are `rep` instructions: GCC would
 * turn a plain loop in memset() into a call of memset().
 */
#include "user/lib/string.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *d = to;

    __asm__ volatile("rep movsb"
                     : "+D"(d), "+S"(from), "+c"(bytes)
                     :
                     : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    /* A copy upwards is right unless `to` lies inside the source. */
    if ((uintptr_t)to - (uintptr_t)from >= bytes)
        return memcpy(to, from, bytes);

    char *d = (char *)to + bytes - 1;
    const char *s = (const char *)from + bytes - 1;
    __asm__ volatile("std; rep movsb; cld"
                     : "+D"(d), "+S"(s), "+c"(bytes)
                     :
                     : "memory");
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    void *d = to;

    __asm__ volatile("rep stosb" : "+D"(d), "+c"(bytes) : "a"(byte) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;

    for (; bytes; x++, y++, bytes--)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    const char *end = s;

    while (*end)
        end++;
    return (size_t)(end - s);
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; a++, b++, n--)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)(uintptr_t)s;
        if (!*s)
            return NULL;
    }
}

bool string_copy(char *to, const char *from, size_t size)
{
    size_t length = strlen(from), fits = length < size ? length : size - 1;

    memcpy(to, from, fits);
    to[fits] = '\0';
    return fits == length;
}

bool string_begins(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

bool string_to_number(const char *s, uint32_t *number)
{
    uint32_t base = string_begins(s, "0x") ? 16 : 10;
    uint64_t n = 0;

    if (base == 16)
        s += 2;
    if (!*s)
        return false;
    for (; *s; s++) {
        uint32_t digit = (uint32_t)digit_value(*s);
        if (digit >= base)
            return false;
        n = n * base + digit;
        if (n > UINT32_MAX)
            return false;
    }
    *number = (uint32_t)n;
    return true;
}
