/* SPDX-License-Identifier: MIT */
/*
 * Signal state from a task's birth to its end. Actions are shared by count: a
 * thread's structure holds one reference until it is freed, so that senders
 * find the actions of a zombie leader whose threads live on.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/slab.h"

static struct slab_cache actions_cache =
    SLAB_CACHE("signal actions", sizeof(struct signal_actions), 4);

static void put(struct signal_actions *actions)
{
    if (actions &&
        !__atomic_sub_fetch(&actions->references, 1, __ATOMIC_ACQ_REL))
        slab_free(&actions_cache, actions);
}

int signal_clone(struct task *child, uint32_t flags)
{
    const struct task *self = current_task();
    child->signals.blocked = self->signals.blocked;
    if ((flags & (ABI_CLONE_VM | ABI_CLONE_VFORK)) != ABI_CLONE_VM)
        child->signals.stack = self->signals.stack;
    wait_queue_init(&child->group_signals.running, "stopped");
    if (flags & ABI_CLONE_SIGHAND) {
        __atomic_fetch_add(&self->actions->references, 1, __ATOMIC_RELAXED);
        child->actions = self->actions;
        return 0;
    }
    child->actions = slab_alloc_zeroed(&actions_cache);
    if (!child->actions)
        return -ENOMEM;
    spin_lock(&tasks_lock);
    if (self->actions) /* not the kernel's thread that starts init */
        *child->actions = *self->actions;
    spin_unlock(&tasks_lock);
    child->actions->references = 1;
    return 0;
}

int signal_exec(struct task *task)
{
    struct signal_actions *old = task->actions,
                          *new = slab_alloc_zeroed(&actions_cache);
    if (!new)
        return -ENOMEM;
    new->references = 1;
    task->signals.stack = (struct abi_stack){0, 0, 0};
    spin_lock(&tasks_lock);
    for (uint32_t i = 0; i < ABI_SIGNALS; i++)
        if (old->action[i].handler == ABI_SIG_IGN)
            new->action[i].handler = ABI_SIG_IGN;
    task->actions = new;
    spin_unlock(&tasks_lock);
    put(old);
    return 0;
}

/* Nobody else can find it any more: no lock. */
void signal_release(struct task *task) UNCHECKED_LOCKING
{
    signal_discard(&task->signals.pending, ~0ull);
    signal_discard(&task->group_signals.pending, ~0ull);
    put(task->actions);
}

void signal_take_lead(struct task *old, struct task *task)
{
    struct group_signals *group = &old->group_signals;
    task->group_signals.pending = group->pending;
    task->group_signals.stopped = group->stopped;
    group->pending = (struct signal_pending){.first = NULL};
    task_alert(task, ATTENTION_SIGNAL);
}
