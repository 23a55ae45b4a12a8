/* SPDX-License-Identifier: MIT */
/*
 * Registers of tasks: what is kept for one that does not run, how a new one
 * begins, how one ends.
 */
#pragma once

#include "kernel/types.h"
#include "machine/cpu_machine.h"

struct task;

/* The part of a task that the machine fills. 16-byte aligned: FXSAVE. */
struct task_machine {
    uint8_t fpu[512] __attribute__((aligned(16)));
    uint64_t tls[TLS_ENTRIES]; /* the task's entries of the GDT: see tls.c */
    uint32_t user_gs;
};

/* A user task begins at `entry` with stack pointer `stack`, registers zero. */
void context_init_user(struct task *task, uint32_t entry, uint32_t stack);

/*
 * A user task begins as a copy of the current one, which is in a system call:
 * same registers but result 0 and, if not zero, another stack pointer.
 */
void context_init_clone(struct task *task, uint32_t stack);

/*
 * Give a new task, not yet running, the thread-local storage described by the
 * current one's struct abi_user_desc at that address. -EFAULT, -EINVAL.
 */
int context_set_tls(struct task *child, uint32_t user_desc);

/* A kernel thread begins with function(argument). */
void context_init_kernel(struct task *task, void (*function)(void *argument),
                         void *argument);

/* Go on in function() on the CPU's global stack; the old one is given up. */
NORETURN void context_leave_stack(void (*function)(void));
