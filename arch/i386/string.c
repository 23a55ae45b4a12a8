/* SPDX-License-Identifier: MIT */
/*
 * Block moves with the string instructions: whole words first, the last one to
 * three bytes after them. On a real machine `rep` moves a cache line at a time
 * for large blocks; under -icount each iteration counts as one instruction, so
 * a word at a time is four times cheaper than a byte at a time. The direction
 * flag is clear everywhere in the kernel but between STD and CLD below, and
 * every trap entry clears it (SDM vol. 2, MOVS and STOS).
 *
 * Words are read at any alignment here, which this machine allows.
 */
#include "kernel/string.h"

typedef uint32_t unaligned_word __attribute__((may_alias, aligned(1)));

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *d = to;
    const void *s = from;
    size_t words = bytes / 4;
    __asm__ volatile("rep movsl" : "+D"(d), "+S"(s), "+c"(words) : : "memory");
    size_t rest = bytes % 4;
    if (rest)
        __asm__ volatile("rep movsb"
                         : "+D"(d), "+S"(s), "+c"(rest)
                         :
                         : "memory");
    return to;
}

/* From the end downwards, for a target that overlaps the source's tail. */
static void move_down(char *to, const char *from, size_t bytes)
{
    char *d = to + bytes - 1;
    const char *s = from + bytes - 1;
    size_t rest = bytes % 4, words = bytes / 4;
    __asm__ volatile("std\n\t"
                     "rep movsb\n\t"
                     "subl $3, %0\n\t" /* from a last byte to a last word */
                     "subl $3, %1\n\t"
                     "movl %3, %2\n\t"
                     "rep movsl\n\t"
                     "cld"
                     : "+D"(d), "+S"(s), "+c"(rest)
                     : "r"(words)
                     : "memory", "cc");
}

void *memmove(void *to, const void *from, size_t bytes)
{
    /* Upwards is right unless `to` lies inside the source. */
    if ((uintptr_t)to - (uintptr_t)from >= bytes)
        return memcpy(to, from, bytes);
    if (to != from)
        move_down(to, from, bytes);
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    void *d = to;
    uint32_t pattern = (uint8_t)byte * 0x01010101u;
    size_t words = bytes / 4;
    __asm__ volatile("rep stosl"
                     : "+D"(d), "+c"(words)
                     : "a"(pattern)
                     : "memory");
    size_t rest = bytes % 4;
    if (rest)
        __asm__ volatile("rep stosb"
                         : "+D"(d), "+c"(rest)
                         : "a"(pattern)
                         : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;
    /* Skip equal words; the bytes of the first different one decide. */
    while (bytes >= 4 &&
           *(const unaligned_word *)x == *(const unaligned_word *)y) {
        x += 4;
        y += 4;
        bytes -= 4;
    }
    for (; bytes; x++, y++, bytes--) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}
