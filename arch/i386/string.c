/* SPDX-License-Identifier: MIT */
/*
 * Block moves with the string instructions: whole words first, the last one to
 * three bytes after them. On a real machine `rep` moves a cache line at a time
 * for large blocks; under -icount each iteration counts as one instruction, so
 * a word at a time is four times cheaper than a byte at a time. The direction
 * flag is clear everywhere in the kernel but between STD and CLD below, and
 * every trap entry clears it (SDM vol. 2, MOVS and STOS).
 */
#include "kernel/string.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *d = to;
    size_t words = bytes / 4, rest = bytes % 4;
    __asm__ volatile("rep movsl\n\t"
                     "movl %3, %2\n\t"
                     "rep movsb"
                     : "+D"(d), "+S"(from), "+c"(words)
                     : "r"(rest)
                     : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    /* Upwards is right unless `to` lies inside the source. */
    if ((uintptr_t)to - (uintptr_t)from >= bytes)
        return memcpy(to, from, bytes);
    /* From the end downwards; bytes, since nothing large is moved like this. */
    char *d = (char *)to + bytes - 1;
    const char *s = (const char *)from + bytes - 1;
    __asm__ volatile("std; rep movsb; cld"
                     : "+D"(d), "+S"(s), "+c"(bytes)
                     :
                     : "memory", "cc");
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    void *d = to;
    uint32_t pattern = (uint8_t)byte * 0x01010101u;
    size_t words = bytes / 4, rest = bytes % 4;
    __asm__ volatile("rep stosl\n\t"
                     "movl %3, %1\n\t"
                     "rep stosb"
                     : "+D"(d), "+c"(words)
                     : "a"(pattern), "r"(rest)
                     : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;
    for (; bytes; x++, y++, bytes--) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}
