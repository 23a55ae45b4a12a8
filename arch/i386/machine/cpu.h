/* SPDX-License-Identifier: MIT */
/* What portable code asks of the CPU it runs on. */
#pragma once

#include "kernel/types.h"

struct cpu;
struct task;

#define EFLAGS_IF 0x200u

/* Disable interrupts; returns the state that interrupts_restore() takes. */
static inline uint32_t interrupts_save(void)
{
    uint32_t flags;
    __asm__ volatile("pushfl; popl %0; cli" : "=r"(flags) : : "memory");
    return flags;
}

static inline void interrupts_restore(uint32_t flags)
{
    if (flags & EFLAGS_IF)
        __asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_enable(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_disable(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline bool interrupts_enabled(void)
{
    uint32_t flags;
    __asm__ volatile("pushfl; popl %0" : "=r"(flags));
    return flags & EFLAGS_IF;
}

/* In a loop that waits for another CPU. */
static inline void cpu_pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

/*
 * Enable interrupts and sleep until one comes. Called with interrupts off; no
 * interrupt can slip in between, because STI takes effect after the next
 * instruction (SDM vol. 2, STI); an NMI there is looked after in trap_nmi().
 */
void cpu_wait_for_interrupt(void);

/* Stop this CPU for good. An NMI can still make it speak. */
static inline NORETURN void cpu_stop(void)
{
    for (;;)
        __asm__ volatile("cli; hlt" : : : "memory");
}

/*
 * The time stamp counter. It goes at tsc_hz() and is as good as the machine's:
 * under QEMU's -icount it counts instructions.
 */
static inline uint64_t cycle_counter(void)
{
    uint64_t t;
    __asm__ volatile("rdtsc" : "=A"(t));
    return t;
}

/*
 * This CPU's record. FS points at it in the kernel, and its first word is its
 * own address. The result stays true until the task sleeps, since the kernel
 * does not preempt itself.
 */
static inline struct cpu *this_cpu(void)
{
    struct cpu *c;
    __asm__ volatile("movl %%fs:0, %0" : "=r"(c));
    return c;
}

/* The task that runs on this CPU: the second word of its record. */
static inline struct task *current_task(void)
{
    struct task *t;
    __asm__ volatile("movl %%fs:4, %0" : "=r"(t));
    return t;
}

/* 64-bit by 32-bit division; GCC's own would call libgcc. */
static inline uint64_t divide_u64(uint64_t n, uint32_t d, uint32_t *remainder)
{
    uint32_t high = (uint32_t)(n >> 32), low = (uint32_t)n, rest;
    uint32_t high_quotient = high / d;
    high %= d;
    __asm__("divl %2" : "+a"(low), "=d"(rest) : "rm"(d), "1"(high) : "cc");
    if (remainder)
        *remainder = rest;
    return (uint64_t)high_quotient << 32 | low;
}

/*
 * Add to a 64-bit count that only this CPU writes. Each instruction changes
 * memory in one go and an interrupt gives the carry back, so an interrupt
 * handler may count in between and nothing is lost.
 */
static inline void count_add(uint64_t *count, uint32_t n)
{
    uint32_t *half = (uint32_t *)count;
    __asm__ volatile("addl %2, %0\n\tadcl $0, %1"
                     : "+m"(half[0]), "+m"(half[1])
                     : "ri"(n)
                     : "cc");
}

/* Fill a page with zeros; copy one. Kernel addresses, page-aligned. */
void page_clear(void *page);
void page_copy(void *to, const void *from);

/* Random bits from the CPU if it has RDRAND, else from its counter. */
uint32_t cpu_random(void);

/* The CPU's features as a short line, such as "PAE NX SMEP". */
extern char cpu_features[64];

/* CPUID.1:EDX, what AT_HWCAP tells a program. */
extern uint32_t cpu_capabilities;
