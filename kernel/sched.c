/* SPDX-License-Identifier: MIT */
/*
 * Scheduling. A task belongs to one CPU at a time (task->cpu) and its state
 * changes under that CPU's queue lock. The lock is taken before a switch and
 * released after it, by the task that was switched to (sched_switched): so
 * nobody can take the old task from the queue while its stack is still in use.
 *
 * Three ways to be READY: running (current of its CPU), in the CPU's queue, or
 * on the way from one queue to another, in the hands of the one who moves it.
 */
#include "kernel/sched.h"

#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/task.h"
#include "machine/context.h"
#include "machine/cpu.h"
#include "machine/smp.h"
#include "machine/time.h"
#include "mm/mm.h"

void sched_queue_init(struct run_queue *queue)
{
    spin_init(&queue->lock, "run queue", RANK_RUNQUEUE);
}

static void enqueue(struct run_queue *queue, struct task *task)
    REQUIRES(queue->lock)
{
    DEBUG_ASSERT(task->state == TASK_READY);
    task->queue_next = NULL;
    if (queue->last)
        queue->last->queue_next = task;
    else
        queue->first = task;
    queue->last = task;
    queue->count++;
}

/* Take the first task that may run on CPU `index`; NULL if there is none. */
static struct task *dequeue(struct run_queue *queue, uint32_t index)
    REQUIRES(queue->lock)
{
    struct task *before = NULL;
    for (struct task *t = queue->first; t; before = t, t = t->queue_next) {
        if (!(t->affinity & (1u << index)))
            continue;
        if (before)
            before->queue_next = t->queue_next;
        else
            queue->first = t->queue_next;
        if (queue->last == t)
            queue->last = before;
        queue->count--;
        return t;
    }
    return NULL;
}

/* Lock the queue of the CPU that `task` belongs to, which may change. */
static struct cpu *lock_cpu_of(struct task *task) UNCHECKED_LOCKING
{
    for (;;) {
        struct cpu *cpu = cpus[__atomic_load_n(&task->cpu, __ATOMIC_ACQUIRE)];
        spin_lock_raw(&cpu->queue.lock);
        if (task->cpu == cpu->index)
            return cpu;
        spin_unlock_raw(&cpu->queue.lock);
    }
}

static bool is_idle(const struct cpu *cpu)
{
    return cpu->current == cpu->idle && !cpu->queue.count;
}

/* Where a task should go: its own CPU if idle, another idle one, its own. */
static struct cpu *choose_cpu(const struct task *task)
{
    cpu_mask allowed = task->affinity & cpus_online;
    struct cpu *cpu, *own = cpus[task->cpu], *other = NULL;
    ASSERT(allowed);
    if ((allowed & (1u << own->index)) && is_idle(own))
        return own;
    for_each_cpu(cpu)
    {
        if (!(allowed & (1u << cpu->index)))
            continue;
        if (is_idle(cpu))
            return cpu;
        if (!other || cpu->queue.count < other->queue.count)
            other = cpu;
    }
    return allowed & (1u << own->index) ? own : other;
}

/*
 * Queue a READY task that is in nobody's queue. Interrupts off. The new CPU is
 * stored before the affinity is read again; sched_set_affinity() stores that
 * before it reads the CPU again: one of the two sees the other's store.
 */
static void place(struct task *task) UNCHECKED_LOCKING
{
    struct cpu *cpu;
    for (;;) {
        cpu = choose_cpu(task);
        spin_lock_raw(&cpu->queue.lock);
        __atomic_store_n(&task->cpu, cpu->index, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&task->affinity, __ATOMIC_SEQ_CST) &
            (1u << cpu->index))
            break;
        spin_unlock_raw(&cpu->queue.lock);
    }
    enqueue(&cpu->queue, task);
    bool interrupt = cpu->current == cpu->idle;
    spin_unlock_raw(&cpu->queue.lock);
    if (interrupt) {
        cpu->exit_work = 1;
        if (cpu != this_cpu())
            smp_send_reschedule(cpu->index);
    }
}

void sched_start(struct task *task)
{
    uint32_t interrupts = interrupts_save();
    task->state = TASK_READY;
    place(task);
    interrupts_restore(interrupts);
}

bool sched_wake(struct task *task)
{
    uint32_t interrupts = interrupts_save();
    struct cpu *cpu = lock_cpu_of(task);
    bool woken = task->state == TASK_BLOCKED;
    bool running = cpu->current == task;
    if (woken)
        task->state = TASK_READY;
    spin_unlock_raw(&cpu->queue.lock);
    if (woken) {
        counter_add(COUNTER_wakeups, 1);
        /* If it has not switched away yet it just goes on. */
        if (!running)
            place(task);
    }
    interrupts_restore(interrupts);
    return woken;
}

void sched_set_ready(void)
{
    struct task *self = current_task();
    if (self->state == TASK_READY)
        return;
    uint32_t interrupts = interrupts_save();
    struct cpu *cpu = lock_cpu_of(self);
    self->state = TASK_READY;
    spin_unlock_raw(&cpu->queue.lock);
    interrupts_restore(interrupts);
}

/* The next task for this CPU; its queue is locked. */
static struct task *pick(struct cpu *cpu) REQUIRES(cpu->queue.lock)
{
    struct task *next = dequeue(&cpu->queue, cpu->index);
    return next ? next : cpu->idle;
}

/*
 * `next` is the current task from here on: account for the time of the one
 * that leaves, begin a slice. Partner: task_kill() sets `killed` before it
 * reads `current`; we store `current` before we read `killed`, with a full
 * fence, so that one of us makes the task look at it.
 */
static void become(struct cpu *cpu, struct task *previous, struct task *next)
{
    uint64_t now = clock_ns();
    previous->run_ns += now - cpu->switched_at;
    cpu->switched_at = now;
    __atomic_store_n(&cpu->current, next, __ATOMIC_SEQ_CST);
    cpu->exit_work = next->killed;
    if (next == cpu->idle)
        timer_slice_stop();
    else
        timer_slice_start(now);
    counter_add(COUNTER_switches, 1);
}

/* After a switch, on the new task's stack: the other half of the locking. */
void sched_switched(void) UNCHECKED_LOCKING
{
    struct cpu *cpu = this_cpu();
    if (cpu->current->mm)
        mm_entered(cpu->current->mm);
    struct task *moved = cpu->moved;
    cpu->moved = NULL;
    spin_unlock_raw(&cpu->queue.lock);
    if (moved)
        place(moved);
}

void sched_yield_cpu(void) UNCHECKED_LOCKING
{
    uint32_t interrupts = interrupts_save();
    struct cpu *cpu = this_cpu();
    struct task *self = cpu->current;
    DEBUG_ASSERT(cpu->kmaps == 0);

    spin_lock_raw(&cpu->queue.lock);
    if (self->state == TASK_READY && self != cpu->idle) {
        if (self->affinity & (1u << cpu->index))
            enqueue(&cpu->queue, self);
        else
            cpu->moved = self; /* queued elsewhere after the switch */
    }
    struct task *next = pick(cpu);
    if (next == self) {
        cpu->exit_work = self->killed;
        spin_unlock_raw(&cpu->queue.lock);
        interrupts_restore(interrupts);
        return;
    }
    become(cpu, self, next);
    if (next->mm)
        mm_enter(next->mm);
    context_switch(self, next);
    /* Perhaps on another CPU now. */
    sched_switched();
    interrupts_restore(interrupts);
}

void sched_leave(void) UNCHECKED_LOCKING
{
    struct cpu *cpu = this_cpu();
    spin_lock_raw(&cpu->queue.lock);
    struct task *next = pick(cpu);
    become(cpu, cpu->idle, next);
    if (next->mm)
        mm_enter(next->mm);
    context_start(next);
}

/* Take a READY task out of a queue; false if it is not there. */
static bool remove(struct run_queue *queue, struct task *task)
    REQUIRES(queue->lock)
{
    struct task **link = &queue->first, *before = NULL;
    while (*link && *link != task) {
        before = *link;
        link = &before->queue_next;
    }
    if (!*link)
        return false;
    *link = task->queue_next;
    if (queue->last == task)
        queue->last = before;
    queue->count--;
    return true;
}

void sched_set_affinity(struct task *task, cpu_mask allowed) UNCHECKED_LOCKING
{
    uint32_t interrupts = interrupts_save();
    bool queued;
    struct cpu *cpu;
    do { /* until it has not moved meanwhile: see place() */
        cpu = lock_cpu_of(task);
        __atomic_store_n(&task->affinity, allowed, __ATOMIC_SEQ_CST);
        queued = !(allowed & (1u << cpu->index)) && remove(&cpu->queue, task);
        spin_unlock_raw(&cpu->queue.lock);
        if (queued)
            place(task);
    } while (!queued &&
             __atomic_load_n(&task->cpu, __ATOMIC_SEQ_CST) != cpu->index);
    interrupts_restore(interrupts);
    if (!(allowed & (1u << cpu->index)))
        sched_nudge(task);
}

void sched_nudge(struct task *task)
{
    struct cpu *cpu = cpus[__atomic_load_n(&task->cpu, __ATOMIC_ACQUIRE)];
    if (cpu->current != task)
        return;
    cpu->exit_work = 1;
    if (cpu != this_cpu())
        smp_send_reschedule(cpu->index);
}

/* Take a task that waits on another CPU. True if there was one. */
static bool pull(struct cpu *self)
{
    struct task *task = NULL;
    for (uint32_t i = 1; i < cpu_count && !task; i++) {
        struct cpu *victim = cpus[(self->index + i) % cpu_count];
        if (!victim->queue.count)
            continue;
        spin_lock_raw(&victim->queue.lock);
        task = dequeue(&victim->queue, self->index);
        if (task)
            __atomic_store_n(&task->cpu, self->index, __ATOMIC_SEQ_CST);
        spin_unlock_raw(&victim->queue.lock);
    }
    if (!task)
        return false;
    spin_lock_raw(&self->queue.lock);
    enqueue(&self->queue, task);
    spin_unlock_raw(&self->queue.lock);
    counter_add(COUNTER_steals, 1);
    return true;
}

/*
 * Whoever queues a task here sees current == idle under the queue's lock and
 * sends an interrupt; the check below and HLT have interrupts off between them
 * and STI lets one in only when HLT has begun: it cannot be slept through.
 */
void sched_idle(void)
{
    struct cpu *cpu = this_cpu();
    for (;;) {
        interrupts_disable();
        if (cpu->queue.count || pull(cpu))
            sched_yield_cpu();
        else
            cpu_wait_for_interrupt();
        interrupts_enable();
    }
}
