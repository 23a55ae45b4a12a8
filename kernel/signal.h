/* SPDX-License-Identifier: MIT */
/*
 * Signals. A signal is sent to a task or to a thread group, waits in a queue,
 * and is delivered by the task itself on its way to user mode, or taken by a
 * call that waits for it. The sender picks one task that does not block it and
 * sets ATTENTION_SIGNAL there; only that task clears the bit, when it has
 * looked (signal_deliver). The lock of the table of tasks guards everything
 * here, masks and actions of others included; no user memory is touched
 * under it.
 */
#pragma once

#include "kernel/abi/linux_signal.h"
#include "kernel/annotations.h"
#include "kernel/spinlock.h"
#include "kernel/timer.h"
#include "kernel/types.h"
#include "kernel/wait.h"

struct task;
extern struct spinlock tasks_lock;

typedef uint64_t signal_set; /* bit n - 1 stands for signal n */

static inline signal_set signal_bit(uint32_t number)
{
    return 1ull << (number - 1);
}

/* These can be neither blocked nor caught. */
#define SIGNALS_FIRM (1ull << (ABI_SIGKILL - 1) | 1ull << (ABI_SIGSTOP - 1))

/* These stop a group by default: SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU. */
#define SIGNALS_STOPPING (0xfull << (ABI_SIGSTOP - 1))

/* What a program reads as siginfo. */
#define signal_info abi_siginfo

struct signal_queued {
    struct signal_queued *next;
    struct signal_info info;
};

/* Standard signals are pending once, real-time ones as often as sent. */
struct signal_pending {
    signal_set set;
    uint32_t count;              /* queued */
    struct signal_queued *first; /* in the order in which they came; a signal
                                    in the set has none if memory was out */
};

/* What a task does on a signal, if a program has ever said so. */
struct signal_rule {
    struct signal_rule *next;
    uint32_t number;
    struct abi_sigaction action;
};

/* All that it has said; shared by CLONE_SIGHAND. */
struct signal_actions {
    uint32_t references; /* atomic */
    struct signal_rule *first;
};

/* Of each task. */
struct task_signals {
    signal_set blocked;
    signal_set awaited;     /* blocked, but rt_sigtimedwait waits for them */
    signal_set saved;       /* to block again once a handler has been set up */
    bool restore;           /* `saved` means something */
    struct abi_stack stack; /* alternate stack, size 0: none */
    uint32_t trap, error, address; /* of the last fault, for frames */
    struct signal_pending pending;
};

/* ITIMER_REAL: clock_ns() when it rings, 0: never; and how often then. */
struct alarm {
    uint64_t at, interval;
};

/* Of each thread group, in its leader's structure. */
struct group_signals {
    struct signal_pending pending;
    bool stopped;
    struct wait_queue running; /* tasks that wait until it is not stopped */
    struct alarm alarm;
    struct timer timer; /* for it */
};

/*
 * Give a task that is not in the table yet its signal state, as the flags of
 * clone say. 0 or -ENOMEM.
 */
int signal_clone(struct task *child, uint32_t flags);

/* A task begins another program: only what is ignored stays. 0 or -ENOMEM. */
int signal_exec(struct task *task);

/* The structure is about to be freed. */
void signal_release(struct task *task);
/* `task` takes the place of its group's leader. */
void signal_take_lead(struct task *old, struct task *task) REQUIRES(tasks_lock);

/*
 * Send a signal to a task or, with `group`, to the group that it leads. 0,
 * also for number 0; -EINVAL: there is no such signal; -EAGAIN: the queue of a
 * real-time signal is full.
 */
int signal_send(struct task *task, const struct signal_info *info, bool group)
    REQUIRES(tasks_lock);

/* `self` blocks these now, or ends: have others take what the group has. */
void signal_pass_on(struct task *self, signal_set set) REQUIRES(tasks_lock);

/* What a parent learns of a child that ended with that wait status. */
struct signal_info signal_of_end(uint32_t tid, uint32_t status);

/*
 * A group has ended: send its exit signal to its parent's. Returns true if the
 * parent does not want to know, so that the child is to be freed at once.
 */
bool signal_child_ended(struct task *leader) REQUIRES(tasks_lock);

/*
 * A fault of the current task. True: its handler runs on the way to user mode.
 * False: it has none or blocks the signal, and must end.
 */
bool signal_fault(const struct signal_info *info, uint32_t trap,
                  uint32_t error);
/*
 * SIGSEGV without an address, because of `why`. If it cannot be `handled` or
 * has no handler, this does not return.
 */
void signal_force_segv(const char *why, bool handled);

/* On the way to user mode with ATTENTION_SIGNAL set: deliver what there is. */
void signal_deliver(void);

/* Change what the current task blocks. */
void signal_set_blocked(signal_set blocked);
/* Wait with another mask for a signal: -ERESTART_NO_HANDLER. */
int signal_suspend(signal_set blocked);

/* What is done on a signal, at first all zero; change it: 0 or -ENOMEM. */
struct abi_sigaction signal_action(const struct signal_actions *actions,
                                   uint32_t number) REQUIRES(tasks_lock);
int signal_set_action(struct signal_actions *actions, uint32_t number,
                      const struct abi_sigaction *action) REQUIRES(tasks_lock);

/* Whether signal `number` is ignored by that action. */
bool signal_is_ignored(uint32_t number, const struct abi_sigaction *action);

/*
 * Take a pending signal of `set`: its number, 0 if there is none. Then let
 * signal_look_again() set or clear the attention bit.
 */
uint32_t signal_take(signal_set set, struct signal_info *info)
    REQUIRES(tasks_lock);
void signal_look_again(struct task *self) REQUIRES(tasks_lock);

/* Make pending what is not yet, whoever wants it; forget what is. */
int signal_enqueue(struct signal_pending *pending,
                   const struct signal_info *info) REQUIRES(tasks_lock);
void signal_discard(struct signal_pending *pending, signal_set set)
    REQUIRES(tasks_lock);
void signal_discard_in_group(struct task *leader, signal_set set)
    REQUIRES(tasks_lock);

/* Set ITIMER_REAL of a group; returns what it was. Sleeps. */
struct alarm alarm_set(struct task *leader, struct alarm alarm);
