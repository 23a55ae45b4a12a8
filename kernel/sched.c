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
#include "kernel/stop.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/smp.h"
#include "machine/switch.h"
#include "mm/mm.h"

static inline void enqueue(struct run_queue *queue, struct task *task)
    REQUIRES(queue->lock)
{
    struct task *last = queue->last;
    CHECK_SHARED(task);
    DEBUG_ASSERT(task->state == TASK_READY);
    if (last) {
        task->queue_next = last->queue_next;
        last->queue_next = task;
    } else {
        task->queue_next = task;
    }
    queue->last = task;
    queue->count++;
}

/* Take out the task behind `before`, which is itself if it is the only one. */
static inline struct task *take_behind(struct run_queue *queue,
                                       struct task *before)
    REQUIRES(queue->lock)
{
    struct task *task = before->queue_next;
    before->queue_next = task->queue_next;
    if (queue->last == task)
        queue->last = before == task ? NULL : before;
    queue->count--;
    return task;
}

/* Take the first task that may run on that CPU; NULL if there is none. */
static inline struct task *dequeue(struct run_queue *queue, cpu_mask bit)
    REQUIRES(queue->lock)
{
    struct task *before = queue->last;
    if (!before)
        return NULL;
    while (!(before->queue_next->affinity & bit)) {
        before = before->queue_next;
        if (before == queue->last)
            return NULL;
    }
    return take_behind(queue, before);
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
    if (allowed == own->bit || ((allowed & own->bit) && is_idle(own)))
        return own;
    for_each_cpu (cpu) {
        if (!(allowed & cpu->bit))
            continue;
        if (is_idle(cpu))
            return cpu;
        if (!other || cpu->queue.count < other->queue.count)
            other = cpu;
    }
    return allowed & own->bit ? own : other;
}

/* Queue a READY task of that CPU; whether it must be interrupted for it. */
static inline bool enqueue_here(struct cpu *cpu, struct task *task)
    REQUIRES(cpu->queue.lock)
{
    enqueue(&cpu->queue, task);
    return cpu->current == cpu->idle;
}

/* Make a CPU look for work on its way out. Its queue is not locked. */
static void nudge_cpu(struct cpu *cpu)
{
    cpu->exit_work = 1;
    if (cpu != this_cpu())
        smp_send_reschedule(cpu->index);
}

/*
 * Queue a READY task that is in nobody's queue on `cpu`; false if it may not
 * run there. Interrupts off.
 *
 * task->cpu changes only under the lock of the CPU it names: whoever holds that
 * lock and has found it so (lock_cpu_of) can rely on it. And the new CPU is
 * stored before the affinity is read; sched_set_affinity() stores that before
 * it reads the CPU again: one of the two sees the other's store.
 */
static bool place_on(struct cpu *cpu, struct task *task) UNCHECKED_LOCKING
{
    STOP_POINT(place_chosen);
    struct cpu *old = lock_cpu_of(task);
    __atomic_store_n(&task->cpu, cpu->index, __ATOMIC_SEQ_CST);
    if (old != cpu) {
        spin_unlock_raw(&old->queue.lock);
        spin_lock_raw(&cpu->queue.lock);
    }
    bool allowed =
        __atomic_load_n(&task->affinity, __ATOMIC_SEQ_CST) & cpu->bit;
    bool interrupt = allowed && enqueue_here(cpu, task);
    spin_unlock_raw(&cpu->queue.lock);
    if (interrupt)
        nudge_cpu(cpu);
    return allowed;
}

/* The same wherever it suits. */
static void place(struct task *task)
{
    while (!place_on(choose_cpu(task), task))
        continue;
}

void sched_start(struct task *task)
{
    uint32_t interrupts = interrupts_save();
    task->state = TASK_READY;
    place(task);
    interrupts_restore(interrupts);
}

bool sched_wake(struct task *task) UNCHECKED_LOCKING
{
    uint32_t interrupts = interrupts_save();
    struct cpu *cpu = lock_cpu_of(task);
    bool woken = task->state == TASK_BLOCKED;
    /* If it has not switched away yet it just goes on. */
    bool to_place = woken && cpu->current != task, interrupt = false;
    if (woken)
        task->state = TASK_READY;
    if (to_place && choose_cpu(task) == cpu) { /* the short way of place() */
        interrupt = enqueue_here(cpu, task);
        to_place = false;
    }
    spin_unlock_raw(&cpu->queue.lock);
    if (woken)
        counter_add(COUNTER_wakeups, 1);
    if (interrupt)
        nudge_cpu(cpu);
    if (to_place)
        place(task);
    interrupts_restore(interrupts);
    return woken;
}

void sched_set_ready(void) UNCHECKED_LOCKING
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

/*
 * `next` is the current task from here on: account for the time of the one
 * that leaves, begin a slice. Partner: task_alert() sets `attention` before it
 * reads `current`; we store `current` before we read `attention`, with a
 * full fence, so that one of us makes the task look at it.
 */
static inline void become(struct cpu *cpu, struct task *previous,
                          struct task *next)
{
    uint64_t now = cycle_counter();
    previous->run_cycles += now;
    next->run_cycles -= now;
    cpu->switched_at = (uint32_t)now;
    __atomic_store_n(&cpu->current, next, __ATOMIC_SEQ_CST);
    cpu->exit_work = next->attention;
    if (!cpu->timers.slice_armed && next != cpu->idle)
        timer_arm_slice(&cpu->timers);
    count_add(&cpu->counters.value[COUNTER_switches], 1);
    if (next->mm && next->mm != cpu->mm)
        mm_enter(next->mm);
}

/* After a switch, on the new task's stack: the other half of the locking. */
static inline void switched(struct cpu *cpu) UNCHECKED_LOCKING
{
    struct mm *mm = cpu->current->mm;
    if (mm && mm != cpu->mm)
        mm_entered(mm);
    struct task *moved = cpu->moved;
    spin_unlock_raw(&cpu->queue.lock);
    if (moved) {
        cpu->moved = NULL;
        place(moved);
    }
}

void sched_switched(void)
{
    switched(this_cpu());
}

void sched_yield_cpu(void) UNCHECKED_LOCKING
{
    uint32_t interrupts = interrupts_save();
    struct cpu *cpu = this_cpu();
    struct task *self = cpu->current;
    DEBUG_ASSERT(cpu->kmaps == 0);

    spin_lock_raw(&cpu->queue.lock);
    bool goes_on = self->state == TASK_READY && self != cpu->idle;
    struct task *next = dequeue(&cpu->queue, cpu->bit);
    if (!next)
        next = goes_on && (self->affinity & cpu->bit) ? self : cpu->idle;
    if (next == self) {
        cpu->exit_work = self->attention;
        spin_unlock_raw(&cpu->queue.lock);
        interrupts_restore(interrupts);
        cpu_pause(); /* it waits for another CPU, most likely */
        return;
    }
    if (goes_on && (self->affinity & cpu->bit))
        enqueue(&cpu->queue, self);
    else if (goes_on)
        cpu->moved = self; /* queued elsewhere after the switch */
    become(cpu, self, next);
    context_switch(cpu, self, next);
    switched(this_cpu()); /* perhaps another one now */
    interrupts_restore(interrupts);
}

void sched_retire(void)
{
    struct cpu *cpu = this_cpu();
    spin_lock(&cpu->queue.lock);
    uint64_t now = cycle_counter();
    cpu->current->run_cycles += now;
    cpu->idle->run_cycles -= now;
    cpu->current = cpu->idle;
    spin_unlock(&cpu->queue.lock);
}

void sched_leave(void) UNCHECKED_LOCKING
{
    struct cpu *cpu = this_cpu();
    spin_lock_raw(&cpu->queue.lock);
    struct task *next = dequeue(&cpu->queue, cpu->bit);
    if (!next)
        next = cpu->idle;
    become(cpu, cpu->idle, next);
    context_start(cpu, next);
}

void sched_restart(void) UNCHECKED_LOCKING
{
    struct cpu *cpu = this_cpu();
    spin_lock_raw(&cpu->queue.lock); /* sched_switched() releases it */
    context_start(cpu, cpu->current);
}

/* Take a READY task out of a queue; false if it is not there. */
static bool remove(struct run_queue *queue, struct task *task)
    REQUIRES(queue->lock)
{
    struct task *before = queue->last;
    if (!before)
        return false;
    while (before->queue_next != task) {
        before = before->queue_next;
        if (before == queue->last)
            return false;
    }
    take_behind(queue, before);
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
        queued = !(allowed & cpu->bit) && remove(&cpu->queue, task);
        spin_unlock_raw(&cpu->queue.lock);
        if (queued)
            place(task);
    } while (!queued &&
             __atomic_load_n(&task->cpu, __ATOMIC_SEQ_CST) != cpu->index);
    interrupts_restore(interrupts);
    if (!(allowed & cpu->bit))
        sched_nudge(task);
}

void sched_nudge(struct task *task)
{
    struct cpu *cpu = cpus[__atomic_load_n(&task->cpu, __ATOMIC_ACQUIRE)];
    if (cpu->current == task)
        nudge_cpu(cpu);
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
        /*
         * An idle CPU is about to run the only task it has: if idle CPUs took
         * it from each other it could go round for ever and never run.
         */
        if (victim->current != victim->idle || victim->queue.count > 1)
            task = dequeue(&victim->queue, self->bit);
        spin_unlock_raw(&victim->queue.lock);
    }
    if (!task)
        return false;
    counter_add(COUNTER_steals, 1);
    if (!place_on(self, task))
        place(task);
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

uint64_t sched_run_cycles(struct task *task) UNCHECKED_LOCKING
{
    uint32_t interrupts = interrupts_save();
    struct cpu *cpu = lock_cpu_of(task);
    uint64_t cycles = task->run_cycles;
    if (cpu->current == task)
        cycles += cycle_counter();
    spin_unlock_raw(&cpu->queue.lock);
    interrupts_restore(interrupts);
    return cycles;
}

/*
 * An idle CPU looks for work only once before it sleeps; tasks that become
 * ready, or may move there, later are offered to it here.
 */
void sched_slice_over(void)
{
    struct cpu *self = this_cpu(), *cpu;
    cpu_mask wanted = 0;
    self->exit_work = 1;
    spin_lock(&self->queue.lock);
    struct task *t = self->queue.last;
    for (uint32_t i = self->queue.count; i > 0; i--, t = t->queue_next)
        wanted |= t->affinity;
    spin_unlock(&self->queue.lock);
    for_each_cpu (cpu) {
        if (!(wanted & cpu->bit) || !is_idle(cpu))
            continue;
        smp_send_reschedule(cpu->index);
        return;
    }
}
