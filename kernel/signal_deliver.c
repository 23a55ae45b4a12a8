/* SPDX-License-Identifier: MIT */
/*
 * Delivery: what a task does with its signals on the way to user mode. A
 * handler begins with a frame on the program's stack that holds all registers
 * and the mask; several pending signals give frames on frames, and the last
 * one's handler runs first. A call that was interrupted ends as the first of
 * the handlers wants it, or is made again if there is none.
 */
#include "kernel/log.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/signal.h"

/* Take a signal that has a handler; 0: there is none. May not return. */
static uint32_t take_caught(struct task *self, struct signal_info *info,
                            struct abi_sigaction *action)
{
    struct task *t;
    uint32_t number;
    spin_lock(&tasks_lock);
    while ((number = signal_take(~self->signals.blocked, info))) {
        *action = signal_action(self->actions, number);
        if (signal_is_ignored(number, action))
            continue;
        if (action->handler != ABI_SIG_DFL) {
            struct abi_sigaction reset = *action;
            reset.handler = ABI_SIG_DFL;
            if (action->flags & ABI_SA_RESETHAND) /* there is one: no failure */
                (void)signal_set_action(self->actions, number, &reset);
            break;
        }
        if (!(signal_bit(number) & SIGNALS_STOPPING)) {
            spin_unlock(&tasks_lock);
            task_exit_group(STATUS_SIGNAL(number));
        }
        self->leader->group_signals.stopped = true;
        for_each_thread (t, self->leader)
            task_alert(t, ATTENTION_SIGNAL);
    }
    spin_unlock(&tasks_lock);
    return number;
}

/* Begin the handler; the mask changes when the frame is there. */
static void begin_handler(struct task *self, uint32_t number,
                          const struct signal_info *info,
                          const struct abi_sigaction *action)
{
    struct task_signals *s = &self->signals;
    signal_set before = s->restore ? s->saved : s->blocked;
    signal_end_call(action);
    if (signal_enter_handler(info, action, before)) {
        /* For SIGSEGV its own handler is no help. */
        signal_force_segv("no room for a signal frame", number != ABI_SIGSEGV);
        return;
    }
    signal_set blocked = s->blocked | action->mask;
    if (!(action->flags & ABI_SA_NODEFER))
        blocked |= signal_bit(number);
    s->restore = false;
    signal_set_blocked(blocked);
}

void signal_deliver(void)
{
    struct task *self = current_task();
    struct task_signals *s = &self->signals;
    struct group_signals *group = &self->leader->group_signals;
    struct signal_info info;
    struct abi_sigaction action;
    do {
        if (group->stopped &&
            wait_until_killed(&group->running, !group->stopped))
            return;
        uint32_t number = take_caught(self, &info, &action);
        if (number) {
            begin_handler(self, number, &info, &action);
        } else { /* clears the attention bit, too, if there is nothing more */
            signal_set_blocked(s->restore ? s->saved : s->blocked);
            s->restore = false;
        }
    } while (self->attention == ATTENTION_SIGNAL);
    signal_end_call(NULL);
}

bool signal_fault(const struct signal_info *info, uint32_t trap, uint32_t error)
{
    struct task *self = current_task();
    uint32_t number = (uint32_t)info->number;
    spin_lock(&tasks_lock);
    uint32_t handler = signal_action(self->actions, number).handler;
    bool caught = handler != ABI_SIG_DFL && handler != ABI_SIG_IGN &&
                  !(self->signals.blocked & signal_bit(number));
    if (caught) {
        self->signals.trap = trap;
        self->signals.error = error;
        (void)signal_enqueue(&self->signals.pending, info);
        task_alert(self, ATTENTION_SIGNAL);
    }
    spin_unlock(&tasks_lock);
    return caught;
}

void signal_force_segv(const char *why, bool handled)
{
    static const struct signal_info info = {.number = ABI_SIGSEGV,
                                            .code = ABI_SI_KERNEL};
    const struct task *self = current_task();
    if (handled && signal_fault(&info, self->signals.trap, self->signals.error))
        return;
    log_warn("%s (task %u): %s", self->name, self->tid, why);
    task_exit_group(STATUS_SIGNAL(ABI_SIGSEGV));
}
