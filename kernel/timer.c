/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU timer queues over a one-shot hardware timer. `armed` is the time of
 * the next interrupt: it is set anew only for an earlier deadline; one that
 * comes too early finds nothing to do and arms the next. So a context switch
 * normally touches no timer register.
 */
#include "kernel/timer.h"

#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/time.h"

/* Make an interrupt come by `deadline`. */
static void arm(struct timer_queue *queue, uint64_t now, uint64_t deadline)
{
    if (queue->armed && queue->armed <= deadline)
        return;
    queue->armed = deadline;
    clock_arm(deadline > now ? deadline - now : 1);
}

void timer_start(struct timer *timer, uint64_t deadline,
                 void (*function)(struct timer *timer))
{
    CHECK_SHARED(timer);
    uint32_t interrupts = interrupts_save();
    struct cpu *cpu = this_cpu();
    struct timer_queue *queue = &cpu->timers;
    spin_lock_raw(&queue->lock);
    ASSERT(!timer->queued);
    struct timer **link = &queue->first;
    while (*link && (*link)->deadline <= deadline)
        link = &(*link)->next;
    *timer = (struct timer){.next = *link,
                            .deadline = deadline,
                            .function = function,
                            .cpu = cpu->index,
                            .queued = true};
    *link = timer;
    arm(queue, clock_ns(), deadline);
    spin_unlock_raw(&queue->lock);
    interrupts_restore(interrupts);
}

void timer_cancel(struct timer *timer)
{
    struct timer_queue *queue = &cpus[timer->cpu]->timers;
    spin_lock(&queue->lock);
    if (timer->queued) {
        struct timer **link = &queue->first;
        while (*link != timer)
            link = &(*link)->next;
        *link = timer->next;
        timer->queued = false;
    }
    spin_unlock(&queue->lock);
    while (__atomic_load_n(&queue->running, __ATOMIC_ACQUIRE) == timer)
        cpu_pause();
}

void timer_arm_slice(struct timer_queue *queue)
{
    uint64_t now = clock_ns();
    queue->slice_armed = true;
    arm(queue, now, now + TIME_SLICE_NS);
}

/* Whether the current task has had its slice. */
static bool slice_is_over(const struct cpu *cpu)
{
    /* Modulo 2^32: after a second alone it may seem shorter, once. */
    uint32_t cycles = (uint32_t)cycle_counter() - cpu->switched_at;
    return clock_cycles_to_ns(cycles) >= TIME_SLICE_NS;
}

/* Take the first timer that is due off the queue; it is the running one. */
static struct timer *take_due(struct timer_queue *queue, uint64_t now)
{
    spin_lock_raw(&queue->lock);
    struct timer *timer = queue->first;
    if (timer && timer->deadline <= now) {
        queue->first = timer->next;
        timer->queued = false;
    } else {
        timer = NULL;
    }
    /* Release: what the last function did comes before "not running". */
    __atomic_store_n(&queue->running, timer, __ATOMIC_RELEASE);
    spin_unlock_raw(&queue->lock);
    return timer;
}

void timer_interrupt(void)
{
    struct cpu *cpu = this_cpu();
    struct timer_queue *queue = &cpu->timers;
    struct timer *timer;
    uint64_t now = clock_ns();
    counter_add(COUNTER_ticks, 1);
    queue->armed = 0;
    queue->slice_armed = false;
    while ((timer = take_due(queue, now)))
        timer->function(timer);
    if (cpu->current != cpu->idle) {
        if (slice_is_over(cpu))
            sched_slice_over();
        timer_arm_slice(queue);
    }
    spin_lock_raw(&queue->lock);
    if (queue->first)
        arm(queue, now, queue->first->deadline);
    spin_unlock_raw(&queue->lock);
}
