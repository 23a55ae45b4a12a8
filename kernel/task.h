/* SPDX-License-Identifier: MIT */
/*
 * A task is the only thing that is scheduled: registers, an MM, a place in the
 * scheduler. There is no process; a thread group is a number (tgid), and tasks
 * share an MM or not as clone said. Structures lie in slabs, never on stacks:
 * every MM can reach them.
 */
#pragma once

#include "kernel/exec.h"
#include "kernel/futex.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/signal.h"
#include "kernel/spinlock.h"
#include "kernel/timer.h"
#include "kernel/types.h"
#include "kernel/usage.h"
#include "kernel/wait.h"
#include "machine/context.h"

struct abi_task;
struct handles;
struct mm;
struct signal_actions;

/* Guards the table of tasks, groups, parents; outer to the run queues' locks.
 */
extern struct spinlock tasks_lock;

/* An address in the UKVA of the task's MM, or in global memory. */
typedef uintptr_t ukva_t;

enum task_state {
    TASK_READY, /* running or ready */
    TASK_BLOCKED,
    TASK_ZOMBIE, /* ended; its parent has not waited for it */
};

#define TASK_NAME 16

/* Why a task must look up from what it does, at the latest at the next return
 * to user mode or wait. */
#define ATTENTION_KILLED 1u /* end */
#define ATTENTION_SIGNAL 2u /* a signal may be pending */
#define ATTENTION_BORN   4u /* store its number where clone said so */

struct task {
    /* Read by assembly: TASK_* in arch/i386/offsets.inc. */
    ukva_t stack_pointer; /* saved ESP, used only while its MM is loaded */
    ukva_t stack;         /* lowest address of its kernel stack */

    /* Fixed after creation. */
    bool kernel_thread; /* never had an MM */
    char name[TASK_NAME];

    /* Its own; others under the lock of the table of tasks. */
    struct mm *mm; /* NULL: a kernel thread, or an ended task */

    /* Run-queue lock of `cpu`. */
    uint32_t state; /* enum task_state */
    uint32_t cpu;   /* whose queue it belongs to */
    cpu_mask affinity;
    struct task *queue_next;

    /* Lock of the wait queue it is on. */
    struct wait_queue *waiting_on;
    struct task *wait_next;

    /* The lock of the table of tasks (task.c). */
    LINKS(task) all;
    struct task *hash_next;
    uint32_t tid, tgid;
    struct task *leader;  /* of its thread group; lasts as long as the group */
    LINKS(task) thread;   /* the group's living threads */
    uint32_t exit_status; /* as wait4 reports it; of a zombie */
    uint32_t kill_status; /* with which to end once killed */
    uint32_t vfork_child; /* tid of the child it waits for, or 0; atomic */
    struct task *vfork_parent; /* who waits for us to leave its MM */
    struct task_signals signals;
    struct signal_actions *actions; /* NULL: a kernel thread */

    /* The same lock; of a group's leader only: the state of the group. */
    struct task *first_thread; /* living */
    uint32_t threads;          /* how many */
    uint32_t process_group;    /* fixed; its maker's, a spawned one's own */
    uint32_t maker;            /* tid of the thread that called clone */
    uint8_t exit_signal;       /* for the parent, at the end of the group */
    bool ended;                /* zombie, and so are all threads of its group */
    uint32_t parent_tid;       /* 0: the kernel; its threads read it unlocked */
    struct task *parent;       /* another group's leader, or who adopted us */
    struct task *children;     /* leaders whose parent we are */
    LINKS(task) sibling;
    struct limits *limits;
    struct usage usage;
    struct group_signals group_signals;
    struct wait_queue child_ended; /* also: a thread of the group has */

    /* Its own; shared by clone, and with a lock inside. */
    struct handles *handles; /* NULL: a kernel thread, or an ended task */

    /* Atomic: ATTENTION_*, set under the same lock. */
    uint32_t attention;

    /* Its own. */
    struct exec_program next_program; /* in exec: what it goes on with */
    uint32_t set_tid;   /* user address for its number at the start, 0: none */
    uint32_t clear_tid; /* user address to zero at the end, 0: none */
    struct timer timer;
    struct futex_wait futex;
    uint64_t run_cycles; /* while it runs: less the count at its start */
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
 * A task in `mm` (NULL: a kernel thread), named, with a kernel stack, that is
 * not in the table yet. NULL when memory is out. task_discard() undoes it.
 */
struct task *task_create(struct mm *mm, const char *name);
void task_discard(struct task *task);

/*
 * Give it a number and its place, as `flags` of clone say: with CLONE_THREAD
 * in the current task's group, else as its child (CLONE_PARENT: its sibling)
 * whose end sends the signal in the low byte. The first one with an MM is
 * number 1 and adopts orphans. 0; -EAGAIN: no number, or too many tasks;
 * -ENOMEM; -EINTR: the current task is to end. Nothing can fail afterwards: the
 * caller sched_start()s it.
 */
int task_enrol(struct task *task, uint32_t flags);

/* Whether the current task may start no other now: RLIMIT_NPROC. */
bool task_is_one_too_many(void);

/* Run `t` over the living threads of a group, the table locked. */
#define for_each_thread(t, group_leader) \
    for ((t) = (group_leader)->first_thread; (t); (t) = (t)->thread.next)

/* A kernel thread; 0 or -ENOMEM. */
int task_start_kernel(const char *name, void (*function)(void *argument),
                      void *argument);

/* A CPU's idle task, which is not in the table. NULL when memory is out. */
struct task *task_create_idle(uint32_t cpu);

/* End the current task with a wait status. */
NORETURN void task_exit(uint32_t status);

/* End it and all other tasks of its group, with the same status. */
NORETURN void task_exit_group(uint32_t status);

/* Let all threads of a group end with that status. */
void task_kill_group(struct task *leader, uint32_t status) REQUIRES(tasks_lock);

/* Set a bit of a task's attention and make it look. */
void task_alert(struct task *task, uint32_t why) REQUIRES(tasks_lock);

/*
 * End all other threads of the current task's group, and take their leader's
 * place and number. 0, or -EINTR when the current task is to end itself.
 */
int task_become_leader(void);

/* The current task has left the MM it was made in: go on, parent of a vfork. */
void task_vfork_done(void);

/* Let all user tasks end as if killed by SIGKILL; does not wait for it. */
void task_kill_all(void);

/*
 * On the way to user mode, from trap_return: end if told to, give up the
 * CPU if others wait.
 */
void task_exit_work(void);

/* What to wait for, and what was found. */
struct wait_request {
    int32_t tid;      /* -1: any child */
    uint32_t group;   /* only of that process group; 0: of any */
    uint32_t options; /* ABI_W*, ABI_WNOWAIT leaves the zombie */
    uint32_t status;  /* found: as wait4 reports it */
    uint64_t cycles;  /* that it has run, with the children it waited for */
};

/*
 * Wait for a child of the current task's group to end. Its number, its status
 * in the request, and it is freed; 0 with ABI_WNOHANG when none has ended;
 * -ECHILD, -EINTR.
 */
int task_wait(struct wait_request *request);

/*
 * The MM of task `tid`, for mm_leave(); NULL: no such task, or it has none.
 */
struct mm *task_mm(uint32_t tid);

/* Change the affinity of task `tid` (0: the current). -ESRCH, -EINVAL. */
int task_set_affinity(uint32_t tid, cpu_mask allowed);
int task_affinity(uint32_t tid, cpu_mask *allowed);

/* Row `index` of QUERY_TASKS, zombies included; false past the end. */
bool task_row(uint32_t index, struct abi_task *row);
