/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks of tasks, KERNEL_STACK_PAGES each with a guard page below.
 * Where those of user tasks lie is a policy (kstack=); kernel threads, which
 * run on whatever MM is loaded, have theirs in global memory always.
 */
#pragma once

#include "kernel/task.h"
#include "kernel/types.h"

struct mm;

struct kstack_placement {
    const char *name;
    ukva_t (*alloc)(struct mm *mm);
    void (*free)(struct mm *mm, ukva_t stack);
    /* Free the stacks that are kept for reuse. */
    void (*settle)(void);
};

extern const struct kstack_placement kstack_lowmem, kstack_ukva;

/* Choose what the boot option asks for. Boot, before the first user task. */
void kstack_init(void);

/* The name of the policy in force. */
const char *kstack_policy(void);

/*
 * The lowest address of a new stack for a task of `mm` (NULL: a kernel thread),
 * which need not be the current one; 0: no memory.
 */
ukva_t kstack_alloc(struct mm *mm);

/*
 * Nobody runs on it any more. The MM is the current task's; or it is about to
 * be destroyed, which frees what it has of its own. Does not sleep.
 */
void kstack_free(struct mm *mm, ukva_t stack);

/*
 * Write the last page of a stack of a task that has not begun to run, of
 * whatever MM: where that page can be seen. The caller does not sleep before
 * kstack_close() with the same address.
 */
uint8_t *kstack_open(struct mm *mm, ukva_t stack);
void kstack_close(uint8_t *page, ukva_t stack);

/* Free the stacks that are kept for reuse. */
void kstack_settle(void);

/* Whether `address` lies in the guard page of the stack at `stack`. */
bool kstack_is_overflow(ukva_t stack, uintptr_t address);
