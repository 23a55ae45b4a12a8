/* SPDX-License-Identifier: MIT */
/*
 * The table of tasks: numbers, birth, and what can be asked of a task by its
 * number. Ends are in exit.c. A task in the table may be used under the
 * table's lock only, unless it is the current one: it may end otherwise.
 */
#include "kernel/task.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/query.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/string.h"
#include "kernel/task_table.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "mm/kstack.h"
#include "mm/mm.h"
#include "mm/settle.h"
#include "mm/slab.h"

#define HASH    256
#define MAX_TID 32767

struct spinlock tasks_lock = SPINLOCK("tasks", RANK_TASKS);
struct task *tasks, *init_task, *main_task;
static struct task *by_tid[HASH] GUARDED_BY(tasks_lock);
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

static void link_task(struct task *task) REQUIRES(tasks_lock)
{
    task->next = tasks;
    if (tasks)
        tasks->previous = task;
    tasks = task;
    task->hash_next = by_tid[task->tid % HASH];
    by_tid[task->tid % HASH] = task;
}

void task_unlink(struct task *task)
{
    if (task->previous)
        task->previous->next = task->next;
    else
        tasks = task->next;
    if (task->next)
        task->next->previous = task->previous;
    struct task **link = &by_tid[task->tid % HASH];
    while (*link != task)
        link = &(*link)->hash_next;
    *link = task->hash_next;
}

void task_free(struct task *task)
{
    slab_free(&task_cache, task);
}

/* A structure and a stack, not in the table. */
static struct task *allocate(struct mm *mm, const char *name)
{
    struct task *task = slab_alloc_zeroed(&task_cache);
    if (!task)
        return NULL;
    task->stack = kstack_alloc(mm);
    if (!task->stack) {
        task_free(task);
        return NULL;
    }
    string_copy(task->name, name, sizeof(task->name));
    wait_queue_init(&task->child_ended, "children");
    task->mm = mm;
    task->kernel_thread = !mm;
    task->affinity = ~(cpu_mask)0;
    task->cpu = this_cpu()->index;
    return task;
}

/* Number, group and parent; false when numbers are out. */
static bool enrol(struct task *task, bool thread)
{
    struct task *self = current_task();
    spin_lock(&tasks_lock);
    bool first = task->mm && !had_init;
    /* A task that is ending starts nobody: it would escape task_kill_all(). */
    bool dying = self->mm && self->killed;
    task->tid = dying ? 0 : first ? 1 : free_tid();
    if (task->tid) {
        if (first) {
            init_task = task;
            had_init = true;
        }
        if (!task->mm && !main_task)
            main_task = task;
        task->detached = thread || (!task->mm && main_task != task);
        task->tgid = thread ? self->tgid : task->tid;
        /* The leader's structure lasts as long as any of its threads. */
        task->parent = thread ? self->parent : task_find(self->tgid);
        if (task->mm && self->mm)
            task->affinity = self->affinity;
        link_task(task);
    }
    spin_unlock(&tasks_lock);
    return task->tid;
}

struct task *task_create(struct mm *mm, const char *name, bool thread)
{
    struct task *task = allocate(mm, name);
    if (!task)
        return NULL;
    if (!enrol(task, thread)) {
        kstack_free(mm, task->stack);
        task_free(task);
        return NULL;
    }
    counter_add(COUNTER_tasks_created, 1);
    return task;
}

int task_start_kernel(const char *name, void (*function)(void *argument),
                      void *argument)
{
    struct task *task = task_create(NULL, name, false);
    if (!task)
        return -ENOMEM;
    context_init_kernel(task, function, argument);
    sched_start(task);
    return 0;
}

static void idle_body(void *unused)
{
    (void)unused;
    sched_idle();
}

struct task *task_create_idle(uint32_t cpu)
{
    struct task *task = allocate(NULL, "idle");
    if (!task)
        return NULL;
    task->cpu = cpu;
    context_init_kernel(task, idle_body, NULL);
    return task;
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

uint32_t task_parent_tid(void)
{
    spin_lock(&tasks_lock);
    const struct task *parent = current_task()->parent;
    uint32_t tid = parent && parent->mm ? parent->tgid : 0;
    spin_unlock(&tasks_lock);
    return tid;
}

bool task_row(uint32_t index, struct abi_task *row)
{
    spin_lock(&tasks_lock);
    struct task *task = tasks;
    while (task && index--)
        task = task->next;
    if (task) {
        *row = (struct abi_task){
            .tid = task->tid,
            .tgid = task->tgid,
            .parent = task->parent ? task->parent->tid : 0,
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
