/* SPDX-License-Identifier: MIT */
/* 64-bit by 32-bit division in two DIVs; GCC's own would need libgcc. */
#pragma once

#include <stdint.h>

static inline uint64_t divide_u64(uint64_t n, uint32_t d, uint32_t *remainder)
{
    uint32_t high = (uint32_t)(n >> 32), low = (uint32_t)n, rest;
    uint32_t high_quotient = high / d;

    /* The rest of the upper half is below d, so DIV cannot overflow. */
    high %= d;
    __asm__("divl %2" : "+a"(low), "=d"(rest) : "rm"(d), "1"(high) : "cc");
    if (remainder)
        *remainder = rest;
    return (uint64_t)high_quotient << 32 | low;
}
