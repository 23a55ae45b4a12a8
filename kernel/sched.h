/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: a queue of ready tasks for each CPU, first in first out, a
 * time slice each. An idle CPU sleeps until interrupted; before that it pulls
 * a task that waits on another CPU. The kernel does not preempt
 * itself: a task gives the CPU up when it waits, yields, or returns to user
 * mode after its slice.
 */
#pragma once

#include "kernel/spinlock.h"
#include "kernel/types.h"

struct task;

struct run_queue {
    struct spinlock lock; /* also guards the state changes of tasks
                             whose cpu this is, and is held across the
                             switch itself */
    struct task *last;    /* of a ring of ready tasks, not running;
                             behind the last comes the first */
    uint32_t count;
};

/* A new task becomes ready, on the CPU that suits it best. */
void sched_start(struct task *task);

/*
 * Make a BLOCKED task ready. Returns false if it was not blocked. Takes
 * RANK_RUNQUEUE; may be called from interrupts.
 */
bool sched_wake(struct task *task);

/* The current task, BLOCKED or not, runs on. */
void sched_set_ready(void);

/*
 * Give the CPU to the next ready task. The current one is queued again if it
 * is READY; if it is BLOCKED it comes back after sched_wake(). No spin lock
 * held.
 */
void sched_yield_cpu(void);

/* The current task runs no more: the CPU counts as idle. Interrupts off. */
void sched_retire(void);

/*
 * Leave the CPU for good, after sched_retire(). On
 * the CPU's global stack, interrupts off, no MM loaded.
 */
NORETURN void sched_leave(void);

/*
 * The current task begins anew with the context it was given. On the CPU's
 * global stack, interrupts off, its MM loaded.
 */
NORETURN void sched_restart(void);

/* What every task does first, and every switch last: see sched.c. */
void sched_switched(void);

/* Let `task` run only on `allowed` CPUs (not empty) from soon on. */
void sched_set_affinity(struct task *task, cpu_mask allowed);

/* Make the CPU on which `task` runs, if it does, look at its flags. */
void sched_nudge(struct task *task);

/*
 * The current task's slice is over: it gives way at the next return to user
 * mode, and an idle CPU is told if somebody waits who may run there. From the
 * timer's interrupt.
 */
void sched_slice_over(void);

/* For how many counts of cycle_counter() a task has run. */
uint64_t sched_run_cycles(struct task *task);

/* The body of a CPU's idle task. */
NORETURN void sched_idle(void);
