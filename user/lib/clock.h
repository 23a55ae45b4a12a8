/* SPDX-License-Identifier: MIT */
/* Time as programs mostly want it: nanoseconds in one number. */
#pragma once

#include <stdint.h>

#define NANOSECONDS  1000000000u
#define MILLISECONDS 1000000u /* nanoseconds in one */

/* Nanoseconds since some moment before the program began; never goes back. */
uint64_t clock_now(void);

/* Sleep at least that long. */
void clock_sleep(uint64_t nanoseconds);

/* The CPU's time stamp counter. */
static inline uint64_t cycle_counter(void)
{
    uint64_t t;
    __asm__ volatile("rdtsc" : "=A"(t) : : "memory");
    return t;
}
