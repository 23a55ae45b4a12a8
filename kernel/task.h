/* SPDX-License-Identifier: MIT */
/*
 * A task is the only thing that is scheduled: registers, an MM, a place in the
 * scheduler. There is no process; a thread group is a number (tgid), and tasks
 * share an MM or not as clone said. Structures lie in slabs, never on stacks:
 * every MM can reach them.
 */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include "kernel/timer.h"
#include "kernel/types.h"
#include "kernel/wait.h"
#include "machine/context.h"

struct abi_task;
struct mm;

/* An address in the UKVA of the task's MM, or in global memory. */
typedef uintptr_t ukva_t;

enum task_state {
    TASK_READY, /* running or ready */
    TASK_BLOCKED,
    TASK_ZOMBIE, /* ended; its parent has not waited for it */
};

#define TASK_NAME 16

struct task {
    /* Read by assembly: TASK_* in arch/i386/offsets.inc. */
    ukva_t stack_pointer; /* saved ESP, used only while its MM is loaded */
    ukva_t stack;         /* lowest address of its kernel stack */

    /* Fixed after creation. */
    uint32_t tid, tgid;
    char name[TASK_NAME];
    struct mm *mm;      /* NULL: a kernel thread, or an ended task */
    bool kernel_thread; /* never had an MM */
    bool detached;      /* a thread or kernel thread: nobody waits for it */

    /* Run-queue lock of `cpu`. */
    uint32_t state; /* enum task_state */
    uint32_t cpu;   /* whose queue it belongs to */
    cpu_mask affinity;
    struct task *queue_next;

    /* Lock of the wait queue it is on. */
    struct wait_queue *waiting_on;
    struct task *wait_next;

    /* The lock of the table of tasks (task.c). */
    struct task *next, *previous; /* all tasks */
    struct task *hash_next;
    struct task *parent;  /* its group's leader, or who adopted it */
    uint32_t exit_status; /* as wait4 reports it; of a zombie */
    uint32_t kill_status; /* with which to end once killed */
    bool ended;           /* zombie, and so are all threads of its group */

    /* Atomic: 1: end at the next return to user mode or wait. */
    uint32_t killed;

    /* Its own. */
    bool last_of_mm;    /* it must destroy its MM: while ending */
    uint32_t clear_tid; /* user address to zero at the end, 0: none */
    struct timer timer;
    uint64_t run_cycles; /* while it runs: less the count at its start */
    struct wait_queue child_ended;
#ifdef DEBUG
    uint32_t mutexes_held; /* see mutex.c */
#endif
    struct task_machine machine;
};

/* Kernel stacks, pages; the page below is never mapped. */
#define KERNEL_STACK_PAGES 2

static inline uint32_t task_stack_top(const struct task *task)
{
    return task->stack + KERNEL_STACK_PAGES * PAGE_SIZE;
}

/* What a wait status is made of. */
#define STATUS_EXIT(code)     (((code)&0xffu) << 8)
#define STATUS_SIGNAL(number) ((number)&0x7fu)

/*
 * A task in `mm` that is not yet running, named, with a number and a kernel
 * stack. With `thread` it joins the current task's group and has its parent;
 * else it is a child of the current one. The first one with an MM is number 1
 * and adopts orphans. NULL when memory or numbers are out. The caller sets its
 * context, then sched_start()s it.
 */
struct task *task_create(struct mm *mm, const char *name, bool thread);

/* A kernel thread; 0 or -ENOMEM. */
int task_start_kernel(const char *name, void (*function)(void *argument),
                      void *argument);

/* A CPU's idle task, which is not in the table. NULL when memory is out. */
struct task *task_create_idle(uint32_t cpu);

/* End the current task with a wait status. */
NORETURN void task_exit(uint32_t status);

/* End it and all other tasks of its group, with the same status. */
NORETURN void task_exit_group(uint32_t status);

/* Let all user tasks end as if killed by SIGKILL; does not wait for it. */
void task_kill_all(void);

/*
 * On the way to user mode, from trap_exit_work(): end if told to, give up the
 * CPU if others wait.
 */
void task_exit_work(void);

/*
 * Wait for a child to end: `tid`, or any with tid -1. Returns its number and
 * status and frees it; 0 with `no_wait` when none has ended; -ECHILD, -EINTR.
 */
int task_wait(int32_t tid, bool no_wait, uint32_t *status);

/* Change the affinity of task `tid` (0: the current). -ESRCH, -EINVAL. */
int task_set_affinity(uint32_t tid, cpu_mask allowed);
int task_affinity(uint32_t tid, cpu_mask *allowed);

/* The number of the current task's parent, 0 for none. */
uint32_t task_parent_tid(void);

/* Row `index` of QUERY_TASKS, zombies included; false past the end. */
bool task_row(uint32_t index, struct abi_task *row);

#endif
