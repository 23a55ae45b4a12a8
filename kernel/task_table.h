/* SPDX-License-Identifier: MIT */
/* The table of tasks, for task.c, exit.c and reap.c only. */
#pragma once

#include "kernel/spinlock.h"
#include "kernel/task.h"

extern struct task *tasks GUARDED_BY(tasks_lock); /* all, newest first */

extern uint32_t task_count; /* written under the lock, read without it, too */

/* Task number 1 while it lives, and the kernel's main thread. */
extern struct task *init_task GUARDED_BY(tasks_lock);
extern struct task *main_task GUARDED_BY(tasks_lock);

struct task *task_find(uint32_t tid) REQUIRES(tasks_lock);
void task_unlink(struct task *task) REQUIRES(tasks_lock);

/* Be a child of `parent`, another group's leader. */
void task_adopt(struct task *parent, struct task *child) REQUIRES(tasks_lock);

/* Exchange the numbers of two tasks in the table. */
void task_swap_numbers(struct task *a, struct task *b) REQUIRES(tasks_lock);

/* Free the structure of a task that is unlinked or was never linked. */
void task_free(struct task *task);
