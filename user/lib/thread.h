/* SPDX-License-Identifier: MIT */
/*
 * Threads: tasks that share everything. Whoever starts one owns its stack and
 * its struct thread, and may use both again after thread_wait(): the kernel
 * clears the word when the thread has left user mode for good, not before.
 */
#pragma once

#include <stdint.h>

struct thread {
    volatile uint32_t running; /* its number while it runs, then 0 */
};

typedef int (*thread_function)(void *argument);

/*
 * Run function(argument) in a new thread on the stack of `bytes` bytes at
 * `stack`. Returns the thread's number or a negative error.
 */
int thread_start(struct thread *thread, thread_function function,
                 void *argument, void *stack, uint32_t bytes);

/*
 * The same with clone flags of one's own, for a task that shares more or less.
 * The low byte is the signal that its parent gets when it ends.
 */
int task_start(uint32_t flags, thread_function function, void *argument,
               void *stack, uint32_t bytes);

/* Wait until it has ended, giving way meanwhile. */
void thread_wait(struct thread *thread);

/*
 * Wait until the kernel lists no other task of this group: only then is all
 * that the ended threads had in the kernel free, their stacks there last.
 */
void threads_wait_gone(void);
