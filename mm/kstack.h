/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks of tasks, KERNEL_STACK_PAGES each with a guard page below. The
 * MM is a parameter although today all stacks lie in the global kernel area:
 * where they lie is a policy.
 */
#pragma once

#include "kernel/task.h"
#include "kernel/types.h"

struct mm;

/* The lowest address of a new stack for a task of `mm`; 0: no memory. */
ukva_t kstack_alloc(struct mm *mm);

/* Nobody runs on it any more. Does not sleep. */
void kstack_free(struct mm *mm, ukva_t stack);

/* Free the stacks that are kept for reuse. */
void kstack_settle(void);

/* Whether `address` lies in the guard page of the stack at `stack`. */
bool kstack_is_overflow(ukva_t stack, uintptr_t address);
