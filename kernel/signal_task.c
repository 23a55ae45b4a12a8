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
static struct slab_cache rule_cache =
    SLAB_CACHE("signal rules", sizeof(struct signal_rule), 4);

static struct signal_rule *rule_of(const struct signal_actions *actions,
                                   uint32_t number) REQUIRES(tasks_lock)
{
    struct signal_rule *rule = actions->first;
    while (rule && rule->number != number)
        rule = rule->next;
    return rule;
}

struct abi_sigaction signal_action(const struct signal_actions *actions,
                                   uint32_t number)
{
    const struct signal_rule *rule = rule_of(actions, number);
    return rule ? rule->action : (struct abi_sigaction){.handler = ABI_SIG_DFL};
}

int signal_set_action(struct signal_actions *actions, uint32_t number,
                      const struct abi_sigaction *action)
{
    struct signal_rule *rule = rule_of(actions, number);
    if (!rule) {
        rule = slab_alloc(&rule_cache);
        if (!rule)
            return -ENOMEM;
        rule->next = actions->first;
        rule->number = number;
        actions->first = rule;
    }
    rule->action = *action;
    return 0;
}

static void put(struct signal_actions *actions) UNCHECKED_LOCKING
{
    if (!actions ||
        __atomic_sub_fetch(&actions->references, 1, __ATOMIC_ACQ_REL))
        return;
    while (actions->first) {
        struct signal_rule *rule = actions->first;
        actions->first = rule->next;
        slab_free(&rule_cache, rule);
    }
    slab_free(&actions_cache, actions);
}

/* New ones like `from`, or only what that ignores; NULL when memory is out. */
static struct signal_actions *copy(const struct signal_actions *from,
                                   bool only_ignored)
{
    static const struct abi_sigaction ignore = {.handler = ABI_SIG_IGN};
    struct signal_actions *actions = slab_alloc_zeroed(&actions_cache);
    int error = 0;
    if (!actions)
        return NULL;
    actions->references = 1;
    spin_lock(&tasks_lock);
    for (const struct signal_rule *rule = from ? from->first : NULL;
         rule && !error; rule = rule->next)
        if (!only_ignored)
            error = signal_set_action(actions, rule->number, &rule->action);
        else if (rule->action.handler == ABI_SIG_IGN)
            error = signal_set_action(actions, rule->number, &ignore);
    spin_unlock(&tasks_lock);
    if (!error)
        return actions;
    put(actions);
    return NULL;
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
    child->actions = copy(self->actions, false);
    return child->actions ? 0 : -ENOMEM;
}

int signal_exec(struct task *task)
{
    struct signal_actions *old = task->actions, *new = copy(old, true);
    if (!new)
        return -ENOMEM;
    task->signals.stack = (struct abi_stack){0, 0, 0};
    spin_lock(&tasks_lock);
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
