/* SPDX-License-Identifier: MIT */
/*
 * How tasks end, and how their parents learn of it.
 *
 * A task ends in two parts. On its own stack, where it may still sleep, it
 * leaves its MM, whose areas go with the last user. Then it moves to the CPU's
 * global stack, because the last steps free the stack that it ran on, and,
 * under the kernel's own root, perhaps the MM's tables. There it tells its
 * parent and leaves the CPU. From the moment the parent is told, the structure
 * may be gone.
 *
 * A group's leader that ends before its threads stays a zombie nobody is told
 * of until the last thread has ended, as in Linux.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/handle.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/task_table.h"
#include "machine/context.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/kstack.h"
#include "mm/mm.h"

/* Give the children of an ending group another parent. */
static void orphan_children(struct task *leader) REQUIRES(tasks_lock)
{
    struct task *heir = init_task ? init_task : main_task, *child;
    bool ended = false;
    while ((child = leader->children)) {
        list_remove(&leader->children, child, sibling);
        task_adopt(heir, child);
        child->exit_signal = ABI_SIGCHLD; /* or init would not wait for it */
        if (!child->ended)
            continue;
        ended = true;
        if (signal_child_ended(child)) {
            task_unlink(child);
            task_free(child);
        }
    }
    if (ended)
        wait_wake(&heir->child_ended, ~0u);
}

/* The last thread of a group has ended. True: nobody will wait for it. */
static bool group_ended(struct task *leader) REQUIRES(tasks_lock)
{
    if (leader == init_task)
        init_task = NULL;
    orphan_children(leader);
    leader->ended = true;
    bool unwanted = !leader->parent || signal_child_ended(leader);
    if (leader->parent)
        wait_wake(&leader->parent->child_ended, ~0u);
    return unwanted;
}

/*
 * Become a zombie or, if nobody waits for it, vanish; tell the parent if that
 * was the last of the group. All else is freed by now, so a parent that counts
 * frames sees them all.
 */
static void bury(struct task *task)
{
    struct task *leader = task->leader;
    bool unwanted = false;
    spin_lock(&tasks_lock);
    task->state = TASK_ZOMBIE;
    list_remove(&leader->first_thread, task, thread);
    signal_pass_on(task, ~0ull);
    leader->usage.threads += task->run_cycles;
    if (!--leader->threads) {
        /* Its function takes the lock, and sends to no group without threads.
         */
        spin_unlock(&tasks_lock);
        timer_cancel(&leader->group_signals.timer);
        spin_lock(&tasks_lock);
        /* The group's, if it was told one after this one began to end; else
         * the last one's word. */
        leader->exit_status = task->attention & ATTENTION_KILLED
                                  ? task->kill_status
                                  : task->exit_status;
        unwanted = group_ended(leader);
    } else if (leader->threads == 1) {
        wait_wake(&leader->child_ended, ~0u); /* task_become_leader() */
    }
    if (task != leader) {
        task_unlink(task);
        task_free(task);
    }
    if (unwanted) {
        task_unlink(leader);
        task_free(leader);
    }
    spin_unlock(&tasks_lock);
}

/* On the CPU's global stack, interrupts off: see the head of this file. */
static void last_steps(void)
{
    struct task *task = current_task();
    struct mm *mm = task->mm;

    STOP_POINT(stack_left);
    kstack_free(mm, task->stack); /* which may lie in that MM */
    mm_activate(NULL);
    spin_lock(&tasks_lock);
    task->mm = NULL; /* nobody must find it through us any more */
    spin_unlock(&tasks_lock);
    sched_retire();
    if (mm)
        mm_release(mm);
    counter_add(COUNTER_tasks_ended, 1);
    bury(task);
    sched_leave();
}

void task_exit(uint32_t status)
{
    struct task *self = current_task();
    DEBUG_DO(check_no_lock());
    ASSERT(!self->waiting_on);
    timer_cancel(&self->timer);
    self->exit_status = status;
    handles_put(self->handles);
    self->handles = NULL;
    if (self->mm) {
        futex_exit(self);
        mm_leave(self->mm);
        task_vfork_done();
    }
    interrupts_disable();
    context_leave_stack(last_steps);
}

void task_alert(struct task *task, uint32_t why)
{
    if (task->state == TASK_ZOMBIE || task->attention & why)
        return;
    /* Before we look at its state: see wait_until() and become(). */
    __atomic_fetch_or(&task->attention, why, __ATOMIC_SEQ_CST);
    sched_wake(task);
    sched_nudge(task); /* it may not have switched away, and now will not */
}

/* Let a task end with that status, unless it was told to already. */
static void kill_task(struct task *task, uint32_t status) REQUIRES(tasks_lock)
{
    if (task->attention & ATTENTION_KILLED)
        return;
    task->kill_status = status;
    task_alert(task, ATTENTION_KILLED);
}

void task_kill_group(struct task *leader, uint32_t status)
{
    struct task *t;
    for_each_thread (t, leader)
        kill_task(t, status);
}

void task_exit_group(uint32_t status)
{
    struct task *self = current_task();
    spin_lock(&tasks_lock);
    task_kill_group(self->leader, status);
    status = self->kill_status; /* perhaps somebody was faster */
    spin_unlock(&tasks_lock);
    task_exit(status);
}

void task_kill_all(void)
{
    spin_lock(&tasks_lock);
    for (struct task *t = tasks; t; t = t->all.next)
        if (!t->kernel_thread)
            kill_task(t, STATUS_SIGNAL(ABI_SIGKILL));
    spin_unlock(&tasks_lock);
}

/* Our group has no other thread; whoever led it is a zombie. */
static void take_lead(struct task *self) REQUIRES(tasks_lock)
{
    struct task *old = self->leader;
    self->parent = NULL;
    while (old->children) {
        struct task *child = old->children;
        list_remove(&old->children, child, sibling);
        task_adopt(self, child);
    }
    task_adopt(old->parent, self);
    task_swap_numbers(old, self);
    self->leader = self;
    self->first_thread = self;
    self->threads = 1;
    self->exit_signal = old->exit_signal;
    self->process_group = old->process_group;
    self->limits = old->limits;
    old->limits = NULL;
    self->usage = old->usage;
    signal_take_lead(old, self);
    task_unlink(old);
    task_free(old);
    if (init_task == old)
        init_task = self;
}

int task_become_leader(void)
{
    struct task *self = current_task(), *t, *leader = self->leader;
    spin_lock(&tasks_lock);
    if (!(self->attention & ATTENTION_KILLED))
        for_each_thread (t, leader)
            if (t != self)
                kill_task(t, 0);
    spin_unlock(&tasks_lock);
    int error = wait_until_killed(
        &leader->child_ended,
        __atomic_load_n(&leader->threads, __ATOMIC_SEQ_CST) == 1);
    if (error || leader == self)
        return error;
    struct alarm alarm = alarm_set(leader, (struct alarm){0, 0});
    spin_lock(&tasks_lock);
    take_lead(self);
    spin_unlock(&tasks_lock);
    alarm_set(self, alarm);
    return 0;
}

void task_vfork_done(void)
{
    struct task *self = current_task();
    spin_lock(&tasks_lock);
    if (self->vfork_parent) {
        __atomic_store_n(&self->vfork_parent->vfork_child, 0, __ATOMIC_SEQ_CST);
        sched_wake(self->vfork_parent);
        self->vfork_parent = NULL;
    }
    spin_unlock(&tasks_lock);
}

void task_exit_work(void)
{
    struct task *self = current_task();
    this_cpu()->exit_work = 0;
    if (wait_killed())
        task_exit(self->kill_status);
    if (self->attention & ATTENTION_BORN) {
        __atomic_fetch_and(&self->attention, ~ATTENTION_BORN, __ATOMIC_RELAXED);
        /* A bad address is ignored, as in Linux. */
        (void)!copy_to_user(user_ptr_at(self->set_tid), &self->tid,
                            sizeof(self->tid));
    }
    if (wait_interrupted())
        signal_deliver();
    sched_yield_cpu();
}
