/* SPDX-License-Identifier: MIT */
/*
 * The types that addresses have. A physical address is 64 bits wide and never
 * a pointer; a physical page is named by its struct frame; an address that
 * came from a user program is a user_ptr, and only the copy functions of
 * machine/uaccess.h take it. Conversions have names: frame_phys(),
 * frame_virtual(), user_ptr_at().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t phys_t; /* physical address, bytes */

typedef struct {
    uintptr_t address; /* not to be dereferenced */
} user_ptr;

static inline user_ptr user_ptr_at(uint32_t address)
{
    return (user_ptr){address};
}

static inline user_ptr user_ptr_plus(user_ptr p, uint32_t bytes)
{
    return (user_ptr){p.address + bytes};
}

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
#define PAGE_MASK  (PAGE_SIZE - 1)

#define MAX_CPUS 32
typedef uint32_t cpu_mask; /* one bit a CPU, by index */

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static inline uint32_t round_up(uint32_t n, uint32_t power_of_two)
{
    return (n + power_of_two - 1) & ~(power_of_two - 1);
}

static inline uint32_t round_down(uint32_t n, uint32_t power_of_two)
{
    return n & ~(power_of_two - 1);
}

/* The structure of type `type` whose member `member` is at `pointer`. */
#define container_of(pointer, type, member) \
    ((type *)((char *)(pointer)-offsetof(type, member)))

#define NORETURN      __attribute__((noreturn))
#define PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define MUST_CHECK    __attribute__((warn_unused_result))
#define SECTION(name) __attribute__((section(name), used))
