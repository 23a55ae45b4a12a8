/* SPDX-License-Identifier: MIT */
/*
 * How tasks end, and how their parents learn of it.
 *
 * A task ends in two parts. On its own stack, where it may still sleep, it
 * gives up its MM. Then it moves to the CPU's global stack, under the kernel's
 * own root, because the last steps free the stack and perhaps the tables that
 * it ran on: there it frees them, tells its parent, and leaves the CPU. From
 * the moment the parent is told, the structure may be gone.
 *
 * A group's leader that ends before its threads stays a zombie nobody is told
 * of until the last thread has ended, as in Linux.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/task_table.h"
#include "machine/context.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/kstack.h"
#include "mm/mm.h"

static bool group_has_others(const struct task *task) REQUIRES(tasks_lock)
{
    for (const struct task *t = tasks; t; t = t->next)
        if (t != task && t->tgid == task->tgid && t->state != TASK_ZOMBIE)
            return true;
    return false;
}

/* Give the children of an ending task another parent. */
static void orphan_children(struct task *task) REQUIRES(tasks_lock)
{
    struct task *heir = init_task && init_task != task ? init_task : main_task;
    for (struct task *t = tasks; t; t = t->next) {
        if (t->parent != task)
            continue;
        t->parent = heir;
        if (t->ended)
            wait_wake(&heir->child_ended, ~0u);
    }
}

/* The group's leader can be waited for. */
static void announce(struct task *leader) REQUIRES(tasks_lock)
{
    leader->ended = true;
    wait_wake(&leader->parent->child_ended, ~0u);
}

/*
 * Become a zombie or, if nobody waits for it, vanish; tell the parent if that
 * was the last of the group. All else is freed by now, so a parent that counts
 * frames sees them all.
 */
static void bury(struct task *task)
{
    spin_lock(&tasks_lock);
    uint32_t status = task->exit_status;
    bool kernel_thread = task->kernel_thread;
    bool last = !group_has_others(task);
    struct task *leader = task_find(task->tgid);
    task->state = TASK_ZOMBIE;
    if (task->detached) {
        task_unlink(task);
        task_free(task);
    }
    if (last && leader && leader != task) /* as in Linux: the last one's word */
        leader->exit_status = status;
    if (last && leader && !kernel_thread) {
        orphan_children(leader);
        if (leader == init_task)
            init_task = NULL;
        announce(leader);
    }
    spin_unlock(&tasks_lock);
}

/* On the CPU's global stack, interrupts off: see the head of this file. */
static void last_steps(void)
{
    struct task *task = current_task();
    struct mm *mm = task->mm;

    mm_activate(NULL);
    spin_lock(&tasks_lock);
    task->mm = NULL; /* task_row() must not follow it any more */
    spin_unlock(&tasks_lock);
    sched_retire();
    if (task->last_of_mm)
        mm_destroy(mm);
    kstack_free(mm, task->stack);
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
    if (self->mm) {
        uint32_t zero = 0;
        if (self->clear_tid)
            (void)!copy_to_user(user_ptr_at(self->clear_tid), &zero,
                                sizeof(zero));
        self->last_of_mm = mm_release(self->mm);
    }
    interrupts_disable();
    context_leave_stack(last_steps);
}

/* Let a task end; the table is locked. */
static void kill_task(struct task *task, uint32_t status) REQUIRES(tasks_lock)
{
    if (task->state == TASK_ZOMBIE || task->killed)
        return;
    task->kill_status = status;
    /* Before we look at its state: see wait_until() and become(). */
    __atomic_store_n(&task->killed, 1, __ATOMIC_SEQ_CST);
    if (!sched_wake(task))
        sched_nudge(task);
}

void task_exit_group(uint32_t status)
{
    struct task *self = current_task();
    spin_lock(&tasks_lock);
    if (self->killed)
        status = self->kill_status; /* somebody was faster */
    for (struct task *t = tasks; t; t = t->next) {
        if (t == self || t->tgid != self->tgid)
            continue;
        if (t->state == TASK_ZOMBIE)
            t->exit_status = status; /* the leader's is the group's */
        kill_task(t, status);
    }
    spin_unlock(&tasks_lock);
    task_exit(status);
}

void task_kill_all(void)
{
    spin_lock(&tasks_lock);
    for (struct task *t = tasks; t; t = t->next)
        if (t->mm)
            kill_task(t, STATUS_SIGNAL(ABI_SIGKILL));
    spin_unlock(&tasks_lock);
}

void task_exit_work(void)
{
    struct task *self = current_task();
    this_cpu()->exit_work = 0;
    if (__atomic_load_n(&self->killed, __ATOMIC_SEQ_CST))
        task_exit(self->kill_status);
    sched_yield_cpu();
}

/*
 * Look for an ended child of the current task's group. 1: found, unlinked, in
 * *child; 0: there are children, none has ended; -ECHILD.
 */
static int find_ended(int32_t tid, struct task **child)
{
    uint32_t group = current_task()->tgid;
    int result = -ECHILD;
    spin_lock(&tasks_lock);
    for (struct task *t = tasks; t; t = t->next) {
        if (t->detached || !t->parent || t->parent->tid != group ||
            (tid != -1 && t->tid != (uint32_t)tid))
            continue;
        result = 0;
        if (t->ended) {
            task_unlink(t);
            *child = t;
            result = 1;
            break;
        }
    }
    spin_unlock(&tasks_lock);
    return result;
}

/* Where children of the group are announced: it lives while we do. */
static struct wait_queue *children_queue(void)
{
    spin_lock(&tasks_lock);
    struct task *leader = task_find(current_task()->tgid);
    spin_unlock(&tasks_lock);
    return &leader->child_ended;
}

int task_wait(int32_t tid, bool no_wait, uint32_t *status)
{
    struct task *child = NULL;
    int found = find_ended(tid, &child);
    if (found == 0 && !no_wait) {
        int error = wait_until(children_queue(),
                               (found = find_ended(tid, &child)) != 0);
        if (error)
            return error;
    }
    if (found <= 0)
        return found;
    int number = (int)child->tid;
    *status = child->exit_status;
    task_free(child);
    return number;
}
