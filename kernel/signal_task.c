/* SPDX-License-Identifier: MIT */
/*
 * Signal state from a task's birth to its end. Actions are shared by count: a
 * thread's structure holds one reference until it is freed, so that senders
 * find the actions of a zombie leader whose threads live on.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/signal.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/slab.h"

static struct slab_cache actions_cache =
    SLAB_CACHE("signal actions", sizeof(struct signal_actions), 4);

/* A copy with one reference; all default without an original. */
static struct signal_actions *copy(const struct signal_actions *original)
{
    struct signal_actions *actions = slab_alloc_zeroed(&actions_cache);
    if (!actions)
        return NULL;
    if (original) {
        spin_lock(&tasks_lock);
        *actions = *original;
        spin_unlock(&tasks_lock);
    }
    actions->references = 1;
    return actions;
}

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
    } else {
        child->actions = copy(self->actions);
    }
    return child->actions ? 0 : -ENOMEM;
}

void signal_drop_handlers(struct task *task)
{
    task->signals.stack = (struct abi_stack){0, 0, 0};
    spin_lock(&tasks_lock);
    for (uint32_t i = 0; i < ABI_SIGNALS; i++) {
        uint32_t handler = task->actions->action[i].handler;
        task->actions->action[i] = (struct abi_sigaction){
            .handler = handler == ABI_SIG_IGN ? ABI_SIG_IGN : ABI_SIG_DFL};
    }
    spin_unlock(&tasks_lock);
}

int signal_exec(void)
{
    struct task *self = current_task();
    struct signal_actions *old = self->actions;
    if (__atomic_load_n(&old->references, __ATOMIC_ACQUIRE) > 1) {
        struct signal_actions *own = copy(old);
        if (!own)
            return -ENOMEM;
        spin_lock(&tasks_lock);
        self->actions = own;
        spin_unlock(&tasks_lock);
        put(old);
    }
    signal_drop_handlers(self);
    return 0;
}

void signal_exit(void)
{
    struct task *self = current_task(), *leader = self->leader;
    if (!self->actions)
        return;
    spin_lock(&tasks_lock);
    self->signals.blocked = ~0ull;
    signal_pass_on(self, ~0ull);
    bool last = ++leader->group_signals.ending == leader->threads;
    spin_unlock(&tasks_lock);
    if (last)
        alarm_set(leader, (struct alarm){0, 0});
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
