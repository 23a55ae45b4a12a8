/* SPDX-License-Identifier: MIT */
/* Traps inside arch/: the frame that entry.asm builds, and who handles it. */
#pragma once

#include "kernel/types.h"

/*
 * On the stack after every entry. The first six words are the arguments of a
 * system call in their order, so a handler gets a pointer to the frame.
 */
struct trap_frame {
    uint32_t ebx, ecx, edx, esi, edi, ebp;
    uint32_t eax;
    uint32_t ds, es, fs;
    uint32_t vector;
    uint32_t error; /* the CPU's error code, or 0; a system call's number */
    uint32_t eip, cs, eflags;
    uint32_t esp, ss; /* only if it came from user mode */
};

#define EXCEPTIONS 32

#define VECTOR_NMI          2
#define VECTOR_BREAKPOINT   3
#define VECTOR_OVERFLOW     4
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PAGE_FAULT   14
#define VECTOR_SYSCALL      0x80

static inline bool frame_is_user(const struct trap_frame *frame)
{
    return frame->cs & 3;
}

/* Called by entry.asm with interrupts as the gate left them. */
void trap_exception(struct trap_frame *frame);
void trap_nmi(struct trap_frame *frame);
NORETURN void trap_double_fault(void);

/* The entries of entry.asm, one for each vector. */
extern void (*const trap_entries[256])(void);
extern void trap_syscall_entry(void), trap_nmi_entry(void),
    trap_double_fault_entry(void);
