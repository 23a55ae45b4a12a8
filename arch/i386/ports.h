/* SPDX-License-Identifier: MIT */
/*
 * I/O port access. Each is volatile and a compiler barrier, so the order in
 * the source is the order on the bus (the CPU itself never reorders port
 * accesses: SDM vol. 1, 19.6).
 */
#pragma once

#include "kernel/types.h"

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outw(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline uint16_t inw(uint16_t port)
{
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

/*
 * About a microsecond for old chips that need time between two accesses: a
 * write to the port that firmware uses for progress codes.
 */
static inline void port_pause(void)
{
    outb(0x80, 0);
}
