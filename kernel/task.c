/* SPDX-License-Identifier: MIT */
/*
 * The table of tasks: numbers, birth, and what can be asked of a task by its
 * number. Ends are in exit.c. A task in the table may be used under the
 * table's lock only, unless it is the current one: it may end otherwise.
 */
#include "kernel/task.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/abi/query.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/handle.h"
#include "kernel/limits.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/string.h"
#include "kernel/task_table.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "mm/kstack.h"
#include "mm/mm.h"
#include "mm/slab.h"

#define HASH    256
#define MAX_TID 32767

struct spinlock tasks_lock = SPINLOCK("tasks", RANK_TASKS);
struct task *tasks, *init_task, *main_task;
static struct task *by_tid[HASH] GUARDED_BY(tasks_lock);
uint32_t task_count;
static uint32_t last_tid GUARDED_BY(tasks_lock) = 1;
static bool had_init GUARDED_BY(tasks_lock); /* number 1 is given once */

static struct slab_cache task_cache =
    SLAB_CACHE("tasks", sizeof(struct task), 16);

struct task *task_find(uint32_t tid)
{
    struct task *task = by_tid[tid % HASH];
    while (task && task->tid != tid)
        task = task->hash_next;
    return task;
}

/* A number that no task has, from 2 on; 0 when there is none. */
static uint32_t free_tid(void) REQUIRES(tasks_lock)
{
    for (uint32_t tries = 0; tries < MAX_TID; tries++) {
        last_tid = last_tid >= MAX_TID ? 2 : last_tid + 1;
        if (!task_find(last_tid))
            return last_tid;
    }
    return 0;
}

static void hash_add(struct task *task) REQUIRES(tasks_lock)
{
    task->hash_next = by_tid[task->tid % HASH];
    by_tid[task->tid % HASH] = task;
}

static void hash_remove(struct task *task) REQUIRES(tasks_lock)
{
    struct task **link = &by_tid[task->tid % HASH];
    while (*link != task)
        link = &(*link)->hash_next;
    *link = task->hash_next;
}

void task_unlink(struct task *task)
{
    if (task->parent)
        list_remove(&task->parent->children, task, sibling);
    list_remove(&tasks, task, all);
    hash_remove(task);
    task_count--;
}

void task_swap_numbers(struct task *a, struct task *b)
{
    uint32_t tid = a->tid;
    hash_remove(a);
    hash_remove(b);
    a->tid = b->tid;
    b->tid = tid;
    hash_add(a);
    hash_add(b);
}

void task_adopt(struct task *parent, struct task *child)
{
    child->parent = parent;
    child->parent_tid = parent->kernel_thread ? 0 : parent->tid;
    list_add(&parent->children, child, sibling);
}

void task_free(struct task *task)
{
    signal_release(task);
    limits_free(task->limits);
    slab_free(&task_cache, task);
}

struct task *task_create(struct mm *mm, const char *name)
{
    struct task *task = slab_alloc(&task_cache);
    if (!task)
        return NULL;
    /* The registers, half of it, are what context_init_*() makes them. */
    memset(task, 0, offsetof(struct task, machine));
    task->stack = kstack_alloc(mm);
    if (!task->stack) {
        task_free(task);
        return NULL;
    }
    string_copy(task->name, name, sizeof(task->name));
    wait_queue_init(&task->child_ended, "children");
    task->mm = mm;
    if (mm) {
        mm_hold(mm);
        mm_set_runs(mm);
    }
    task->kernel_thread = !mm;
    task->affinity = ~(cpu_mask)0;
    task->cpu = this_cpu()->index;
    return task;
}

void task_discard(struct task *task)
{
    handles_put(task->handles);
    kstack_free(task->mm, task->stack);
    if (task->mm)
        mm_release(task->mm);
    task_free(task);
}

/* Its group, and who waits for it. */
static void place_in_family(struct task *task, uint32_t flags)
    REQUIRES(tasks_lock)
{
    struct task *self = current_task();
    bool thread = flags & ABI_CLONE_THREAD;
    task->leader = thread ? self->leader : task;
    task->tgid = task->leader->tid;
    task->maker = self->tid;
    task->exit_signal = flags & ABI_CLONE_SIGNAL;
    list_add(&task->leader->first_thread, task, thread);
    task->leader->threads++;
    if (thread)
        return;
    if (self->mm)
        task->process_group = self->leader->process_group;
    if (task->mm && self->mm && flags & ABI_CLONE_PARENT) {
        task->exit_signal = self->leader->exit_signal;
        task_adopt(self->leader->parent, task);
    } else if (task->mm) {
        task_adopt(self->leader, task);
    }
}

bool task_is_one_too_many(void)
{
    return current_task()->mm && task_count >= limit_of(ABI_RLIMIT_NPROC);
}

int task_enrol(struct task *task, uint32_t flags)
{
    struct task *self = current_task();
    int error = 0;
    spin_lock(&tasks_lock);
    bool first = task->mm && !had_init;
    /* A task that is ending starts nobody: it would escape task_kill_all(). */
    if (self->mm && self->attention & ATTENTION_KILLED)
        error = -EINTR;
    else if (task_is_one_too_many() || !(task->tid = first ? 1 : free_tid()))
        error = -EAGAIN;
    else if (!(flags & ABI_CLONE_THREAD) && !(task->limits = limits_inherit()))
        error = -ENOMEM;
    if (!error) {
        if (first) {
            init_task = task;
            had_init = true;
        }
        if (!task->mm && !main_task)
            main_task = task;
        if (task->mm && self->mm)
            task->affinity = self->affinity;
        task_count++;
        list_add(&tasks, task, all);
        hash_add(task);
        place_in_family(task, flags);
        counter_add(COUNTER_tasks_created, 1);
    }
    spin_unlock(&tasks_lock);
    return error;
}

int task_start_kernel(const char *name, void (*function)(void *argument),
                      void *argument)
{
    struct task *task = task_create(NULL, name);
    if (!task)
        return -ENOMEM;
    context_init_kernel(task, function, argument);
    int error = task_enrol(task, 0);
    if (error)
        task_discard(task);
    else
        sched_start(task);
    return error;
}

static void idle_body(void *unused)
{
    (void)unused;
    sched_idle();
}

struct task *task_create_idle(uint32_t cpu)
{
    struct task *task = task_create(NULL, "idle");
    if (!task)
        return NULL;
    task->cpu = cpu;
    context_init_kernel(task, idle_body, NULL);
    return task;
}

struct mm *task_mm(uint32_t tid)
{
    spin_lock(&tasks_lock);
    struct task *task = task_find(tid);
    struct mm *mm = task ? task->mm : NULL;
    if (mm && !mm_get_if_used(mm))
        mm = NULL;
    spin_unlock(&tasks_lock);
    return mm;
}

int task_set_affinity(uint32_t tid, cpu_mask allowed)
{
    int error = 0;
    spin_lock(&tasks_lock);
    struct task *task = tid ? task_find(tid) : current_task();
    if (!task)
        error = -ESRCH;
    else if (!(allowed & cpus_online))
        error = -EINVAL;
    else
        sched_set_affinity(task, allowed);
    spin_unlock(&tasks_lock);
    return error;
}

int task_affinity(uint32_t tid, cpu_mask *allowed)
{
    spin_lock(&tasks_lock);
    struct task *task = tid ? task_find(tid) : current_task();
    if (task)
        *allowed = task->affinity & cpus_online;
    spin_unlock(&tasks_lock);
    return task ? 0 : -ESRCH;
}

bool task_row(uint32_t index, struct abi_task *row)
{
    spin_lock(&tasks_lock);
    struct task *task = tasks;
    while (task && index--)
        task = task->all.next;
    if (task) {
        *row = (struct abi_task){
            .tid = task->tid,
            .tgid = task->tgid,
            .parent = task->leader->parent ? task->leader->parent->tid : 0,
            .cpu = task->cpu,
            .mm = task->mm ? task->mm->id : 0,
            .state = task->state == TASK_ZOMBIE    ? 'Z'
                     : task->state == TASK_BLOCKED ? 'S'
                                                   : 'R',
            .kernel_thread = task->kernel_thread,
            .run_ns = clock_cycles_to_ns(sched_run_cycles(task))};
        string_copy(row->name, task->name, sizeof(row->name));
    }
    spin_unlock(&tasks_lock);
    return task != NULL;
}
