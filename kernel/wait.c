/* SPDX-License-Identifier: MIT */
/* Wait queues: a first-in first-out list of tasks. See wait.h. */
#include "kernel/wait.h"

#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "machine/cpu.h"

void wait_join(struct wait_queue *queue)
{
    struct task *self = current_task();
    CHECK_SHARED(queue);
    CHECK_SHARED(self);
    DEBUG_ASSERT(!self->waiting_on);
    spin_lock(&queue->lock);
    self->wait_next = NULL;
    if (queue->last)
        queue->last->wait_next = self;
    else
        queue->first = self;
    queue->last = self;
    self->waiting_on = queue;
    /*
     * A full fence (XCHG): the caller looks at its condition next, with a load
     * that must not pass these stores, or it would see the old condition and
     * the waker the old queue. Partner: the waker's exchange or locked section
     * between changing the condition and looking at the queue.
     */
    __atomic_store_n(&self->state, TASK_BLOCKED, __ATOMIC_SEQ_CST);
    spin_unlock(&queue->lock);
}

void wait_leave(struct wait_queue *queue)
{
    struct task *self = current_task(), *before = NULL;
    spin_lock(&queue->lock);
    if (self->waiting_on) {
        struct task **link = &queue->first;
        while (*link != self) {
            before = *link;
            link = &before->wait_next;
        }
        *link = self->wait_next;
        if (queue->last == self)
            queue->last = before;
        self->waiting_on = NULL;
    }
    spin_unlock(&queue->lock);
    sched_set_ready();
}

uint32_t wait_wake(struct wait_queue *queue, uint32_t count)
{
    uint32_t woken = 0;
    spin_lock(&queue->lock);
    while (woken < count && queue->first) {
        struct task *task = queue->first;
        queue->first = task->wait_next;
        if (!queue->first)
            queue->last = NULL;
        task->waiting_on = NULL;
        sched_wake(task);
        woken++;
    }
    spin_unlock(&queue->lock);
    return woken;
}

bool wait_killed(void)
{
    return __atomic_load_n(&current_task()->attention, __ATOMIC_SEQ_CST) &
           ATTENTION_KILLED;
}

bool wait_interrupted(void)
{
    return __atomic_load_n(&current_task()->attention, __ATOMIC_SEQ_CST);
}

void wait_sleep(void)
{
    DEBUG_DO(check_no_lock());
    sched_yield_cpu();
}
