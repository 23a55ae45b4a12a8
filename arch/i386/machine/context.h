/* SPDX-License-Identifier: MIT */
/*
 * Registers of tasks: what a switch saves, how a new task begins, how one
 * ends. The switch sets ESP to the CPU's global stack, then CR3, then the new
 * ESP: a stack may be private to an MM, and ESP must be valid at every instant
 * because an NMI may push on it.
 */
#ifndef MACHINE_CONTEXT_H
#define MACHINE_CONTEXT_H

#include "kernel/types.h"

struct task;

/* The part of a task that the machine fills. 16-byte aligned: FXSAVE. */
struct task_machine {
    uint8_t fpu[512] __attribute__((aligned(16)));
    uint32_t user_gs;
};

/*
 * Save `from`, go on with `to`, whose MM has been entered (mm_enter); returns
 * when `from` is switched to again. Interrupts off, `to` is already current.
 */
void context_switch(struct task *from, struct task *to);

/* The same without a task to save; never returns. On the global stack. */
NORETURN void context_start(struct task *to);

/* A user task begins at `entry` with stack pointer `stack`, registers zero. */
void context_init_user(struct task *task, uint32_t entry, uint32_t stack);

/*
 * A user task begins as a copy of the current one, which is in a system call:
 * same registers but result 0 and, if not zero, another stack pointer.
 */
void context_init_clone(struct task *task, uint32_t stack);

/* A kernel thread begins with function(argument). */
void context_init_kernel(struct task *task, void (*function)(void *argument),
                         void *argument);

/* Go on in function() on the CPU's global stack; the old one is given up. */
NORETURN void context_leave_stack(void (*function)(void));

#endif
