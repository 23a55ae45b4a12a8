/* SPDX-License-Identifier: MIT */
/*
 * Waiting for an event. The waiting task itself is the link in the queue: its
 * stack may be private to its MM, its task structure never is.
 *
 * No wake-up is lost: the waiter joins the queue and becomes BLOCKED first and
 * looks at its condition then; the waker changes the condition first and looks
 * at the queue then. Both pass through the queue's lock, so one of them sees
 * the other. Waking a task that has not switched away yet just makes it READY
 * again. Waits end early without reason, so conditions are checked in a loop.
 */
#pragma once

#include "kernel/abi/errno.h"
#include "kernel/spinlock.h"
#include "kernel/types.h"

struct task;

struct wait_queue {
    struct spinlock lock;
    struct task *first, *last; /* in the order in which they came */
};

#define WAIT_QUEUE(name)                  \
    {                                     \
        .lock = SPINLOCK(name, RANK_WAIT) \
    }

#define wait_queue_init(queue, name) \
    (*(queue) = (struct wait_queue)WAIT_QUEUE(name))

/* The current task joins and becomes BLOCKED; it still runs. */
void wait_join(struct wait_queue *queue);

/* It leaves the queue if nobody has taken it out, and is READY again. */
void wait_leave(struct wait_queue *queue);

/* Wake up to `count` tasks, the longest waiting first; returns how many. */
uint32_t wait_wake(struct wait_queue *queue, uint32_t count);

/* Whether the current task has been told to end; or to look at a signal. */
bool wait_killed(void);
bool wait_interrupted(void);

/* Sleep until woken; no spin lock may be held. */
void wait_sleep(void);

/*
 * Sleep until `condition` holds: 0, or -EINTR when the task is to end or has a
 * signal; the second form waits on through signals.
 */
#define wait_until(queue, condition) \
    wait_loop(queue, condition, wait_interrupted)
#define wait_until_killed(queue, condition) \
    wait_loop(queue, condition, wait_killed)

#define wait_loop(queue, condition, given_up) \
    ({                                        \
        int wait_result = 0;                  \
        for (;;) {                            \
            wait_join(queue);                 \
            if (condition)                    \
                break;                        \
            if (given_up()) {                 \
                wait_result = -EINTR;         \
                break;                        \
            }                                 \
            wait_sleep();                     \
            wait_leave(queue);                \
        }                                     \
        wait_leave(queue);                    \
        wait_result;                          \
    })
