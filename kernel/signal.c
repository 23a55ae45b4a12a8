/* SPDX-License-Identifier: MIT */
/*
 * Sending signals, and what becomes of them.
 *
 *   sent      dropped if the receiver ignores and does not block it; SIGKILL
 *             ends the group at once
 *   pending   in the task's or the group's queue; a task that can take it has
 *             ATTENTION_SIGNAL
 *   taken     by that task, on its way to user mode: handler, end, stop
 *
 * When a task blocks a signal that is pending for its group, or ends, another
 * task of the group is made to look instead.
 */
#include "kernel/signal.h"

#include "kernel/abi/errno.h"
#include "kernel/task_table.h"
#include "kernel/time.h"
#include "machine/cpu.h"
#include "mm/slab.h"

#define QUEUE_MAX 256 /* signals queued in one place */

#define BIT(name) (1ull << (ABI_SIG##name - 1))
static const signal_set ignored_by_default =
    BIT(CHLD) | BIT(CONT) | BIT(URG) | BIT(WINCH);
static const signal_set synchronous =
    BIT(SEGV) | BIT(BUS) | BIT(ILL) | BIT(TRAP) | BIT(FPE);

static struct slab_cache queue_cache =
    SLAB_CACHE("signals", sizeof(struct signal_queued), 4);

bool signal_is_ignored(uint32_t number, const struct abi_sigaction *action)
{
    return action->handler == ABI_SIG_IGN ||
           (action->handler == ABI_SIG_DFL &&
            ignored_by_default & signal_bit(number));
}

/* The lowest number in a set that is not empty. */
static uint32_t lowest(signal_set set)
{
    uint32_t low = (uint32_t)set, high = (uint32_t)(set >> 32);
    return 1 + (low ? (uint32_t)__builtin_ctz(low)
                    : 32 + (uint32_t)__builtin_ctz(high));
}

/* --- Queues --------------------------------------------------------------- */

int signal_enqueue(struct signal_pending *pending,
                   const struct signal_info *info)
{
    uint32_t number = (uint32_t)info->number;
    bool realtime = number >= ABI_SIGRTMIN;
    if (!realtime && pending->set & signal_bit(number))
        return 0;
    struct signal_queued **link = &pending->first, *queued = NULL;
    if (pending->count < QUEUE_MAX)
        queued = slab_alloc(&queue_cache);
    if (!queued && realtime && info->code != ABI_SI_USER)
        return -EAGAIN;
    pending->set |= signal_bit(number);
    if (queued) {
        while (*link)
            link = &(*link)->next;
        *queued = (struct signal_queued){NULL, *info};
        *link = queued;
        pending->count++;
    }
    return 0;
}

/* Take the first one of that number; the bit goes with the last. */
static void dequeue(struct signal_pending *pending, uint32_t number,
                    struct signal_info *info) REQUIRES(tasks_lock)
{
    struct signal_queued *queued, **link = &pending->first, *found = NULL;
    *info = (struct signal_info){.number = (int32_t)number};
    pending->set &= ~signal_bit(number);
    while ((queued = *link)) {
        if (queued->info.number != (int32_t)number) {
            link = &queued->next;
        } else if (!found) {
            found = queued;
            *info = found->info;
            *link = found->next;
            pending->count--;
        } else {
            pending->set |= signal_bit(number);
            break;
        }
    }
    slab_free(&queue_cache, found);
}

void signal_discard(struct signal_pending *pending, signal_set set)
{
    struct signal_info unused;
    while (pending->set & set)
        dequeue(pending, lowest(pending->set & set), &unused);
}

void signal_discard_in_group(struct task *leader, signal_set set)
{
    struct task *t;
    signal_discard(&leader->group_signals.pending, set);
    for_each_thread (t, leader)
        signal_discard(&t->signals.pending, set);
}

uint32_t signal_take(signal_set set, struct signal_info *info)
{
    struct task *self = current_task();
    struct signal_pending *pending = &self->signals.pending;
    if (!(pending->set & set))
        pending = &self->leader->group_signals.pending;
    set &= pending->set;
    if (!set)
        return 0;
    /* What a fault made pending comes first: its frame shows the place. */
    uint32_t number = lowest(set & synchronous ? set & synchronous : set);
    dequeue(pending, number, info);
    return number;
}

/* --- Sending -------------------------------------------------------------- */

/* Whether `task` would take one of these if it looked. */
static bool wants(const struct task *task, signal_set set) REQUIRES(tasks_lock)
{
    return set & (~task->signals.blocked | task->signals.awaited);
}

void signal_pass_on(struct task *self, signal_set set)
{
    struct task *t;
    set &= self->leader->group_signals.pending.set;
    if (!set)
        return;
    for_each_thread (t, self->leader)
        if (t != self && wants(t, set))
            task_alert(t, ATTENTION_SIGNAL);
}

static bool is_dropped(const struct task *task, const struct signal_info *info)
    REQUIRES(tasks_lock)
{
    uint32_t number = (uint32_t)info->number;
    const struct task *leader = task->leader;
    if (!task->actions || !leader->threads)
        return true; /* a kernel thread; a zombie */
    struct abi_sigaction action = signal_action(task->actions, number);
    /* Other programs cannot harm init. */
    bool safe =
        leader->tid == 1 && info->code <= 0 && current_task()->leader != leader;
    return !(task->signals.blocked & signal_bit(number)) &&
           (signal_is_ignored(number, &action) ||
            (safe && action.handler == ABI_SIG_DFL));
}

int signal_send(struct task *task, const struct signal_info *info, bool group)
{
    uint32_t number = (uint32_t)info->number;
    struct task *leader = task->leader, *taker = task, *t;
    if (number > ABI_SIGNALS)
        return -EINVAL;
    if (number == ABI_SIGCONT) {
        signal_discard_in_group(leader, SIGNALS_STOPPING);
        leader->group_signals.stopped = false;
        wait_wake(&leader->group_signals.running, ~0u);
    }
    if (!number || is_dropped(task, info))
        return 0;
    if (number == ABI_SIGKILL) {
        task_kill_group(leader, STATUS_SIGNAL(number));
        return 0;
    }
    if (group) /* the oldest that wants it, which is last */
        for_each_thread (t, leader)
            if (wants(t, signal_bit(number)))
                taker = t;
    int error = signal_enqueue(
        group ? &leader->group_signals.pending : &task->signals.pending, info);
    if (!error && wants(taker, signal_bit(number)))
        task_alert(taker, ATTENTION_SIGNAL);
    return error;
}

struct signal_info signal_of_end(uint32_t tid, uint32_t status)
{
    bool killed = status & 0x7f;
    return (struct signal_info){
        .number = ABI_SIGCHLD,
        .code = killed ? ABI_CLD_KILLED : ABI_CLD_EXITED,
        .pid = tid,
        .status = (int32_t)(killed ? status & 0x7f : status >> 8)};
}

bool signal_child_ended(struct task *leader)
{
    struct task *parent = leader->parent;
    struct signal_info info = signal_of_end(leader->tid, leader->exit_status);
    info.number = leader->exit_signal;
    if (!parent->actions)
        return false;
    struct abi_sigaction action = signal_action(parent->actions, ABI_SIGCHLD);
    bool chld = info.number == ABI_SIGCHLD,
         ignored = chld && action.handler == ABI_SIG_IGN;
    if (!ignored)
        (void)signal_send(parent, &info, true);
    return ignored || (chld && action.flags & ABI_SA_NOCLDWAIT);
}

/* --- Masks ---------------------------------------------------------------- */

void signal_look_again(struct task *self)
{
    const struct group_signals *group = &self->leader->group_signals;
    if (group->stopped || self->signals.restore ||
        wants(self, self->signals.pending.set | group->pending.set)) {
        task_alert(self, ATTENTION_SIGNAL);
    } else {
        __atomic_fetch_and(&self->attention, ~ATTENTION_SIGNAL,
                           __ATOMIC_SEQ_CST);
    }
}

void signal_set_blocked(signal_set blocked)
{
    struct task *self = current_task();
    spin_lock(&tasks_lock);
    signal_set before = self->signals.blocked;
    self->signals.blocked = blocked & ~SIGNALS_FIRM;
    signal_pass_on(self, blocked & ~before);
    signal_look_again(self);
    spin_unlock(&tasks_lock);
}

int signal_suspend(signal_set blocked)
{
    struct task_signals *s = &current_task()->signals;
    s->saved = s->blocked;
    signal_set_blocked(blocked);
    (void)time_sleep_until(UINT64_MAX);
    s->restore = true; /* there is attention: it will be seen */
    return -ERESTART_NO_HANDLER;
}
