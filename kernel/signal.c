/* SPDX-License-Identifier: MIT */
/*
 * Sending signals, and what becomes of them.
 *
 *   sent      dropped if the receiver ignores and does not block it; a fatal
 *             one that nobody blocks ends the group at once
 *   pending   in the task's or the group's queue; a task that can take it has
 *             ATTENTION_SIGNAL
 *   taken     by that task, on its way to user mode: handler, end, stop
 *
 * When a task blocks a signal that is pending for its group, or ends, another
 * task of the group is made to look instead.
 */
#include "kernel/signal.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/sched.h"
#include "kernel/task_table.h"
#include "kernel/time.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "mm/slab.h"

#define QUEUE_MAX 1024 /* signals queued in one place */

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
    struct signal_queued **link = &pending->first, *found = NULL;
    *info = (struct signal_info){.number = (int32_t)number};
    pending->set &= ~signal_bit(number);
    while (*link) {
        struct signal_queued *queued = *link;
        if (queued->info.number == (int32_t)number) {
            if (found) {
                pending->set |= signal_bit(number);
                break;
            }
            found = queued;
            *link = queued->next;
            pending->count--;
        } else {
            link = &queued->next;
        }
    }
    if (found)
        *info = found->info;
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

/* Make a task look that takes `number`, pending for its group; NULL: none. */
static struct task *find_taker(struct task *leader, uint32_t number)
    REQUIRES(tasks_lock)
{
    struct task *t, *taker = NULL;
    signal_set bit = signal_bit(number);
    if (leader->state != TASK_ZOMBIE && wants(leader, bit))
        return leader;
    for_each_thread (t, leader)
        if (wants(t, bit))
            taker = t;
    return taker;
}

void signal_pass_on(struct task *self, signal_set set)
{
    set &= self->leader->group_signals.pending.set;
    for (; set; set &= set - 1) {
        struct task *taker = find_taker(self->leader, lowest(set));
        if (taker)
            task_alert(taker, ATTENTION_SIGNAL);
    }
}

/* Programs other than init itself cannot harm init (task number 1). */
static bool init_is_safe(const struct task *leader, int32_t code)
{
    return leader->tid == 1 && code <= 0 && current_task()->leader != leader;
}

static bool is_dropped(const struct task *task, const struct signal_info *info)
    REQUIRES(tasks_lock)
{
    uint32_t number = (uint32_t)info->number;
    if (!task->actions || !task->leader->threads)
        return true; /* a kernel thread; a zombie */
    if (task->signals.blocked & signal_bit(number))
        return false;
    const struct abi_sigaction *action = &task->actions->action[number - 1];
    return signal_is_ignored(number, action) ||
           (action->handler == ABI_SIG_DFL &&
            init_is_safe(task->leader, info->code));
}

/* Send to one task, or, with `group`, to the group that it leads. */
static int send(struct task *task, const struct signal_info *info, bool group)
    REQUIRES(tasks_lock)
{
    uint32_t number = (uint32_t)info->number;
    signal_set bit = signal_bit(number);
    struct task *leader = task->leader, *taker;
    if (bit & SIGNALS_STOPPING)
        signal_discard_in_group(leader, BIT(CONT));
    if (number == ABI_SIGCONT) {
        signal_discard_in_group(leader, SIGNALS_STOPPING);
        leader->group_signals.stopped = false;
        wait_wake(&leader->group_signals.running, ~0u);
    }
    if (is_dropped(task, info))
        return 0;
    taker = group ? find_taker(leader, number) : wants(task, bit) ? task : NULL;
    if (taker && !(bit & SIGNALS_STOPPING) && !(taker->signals.awaited & bit) &&
        task->actions->action[number - 1].handler == ABI_SIG_DFL) {
        task_kill_group(leader, STATUS_SIGNAL(number));
        return 0;
    }
    int error = signal_enqueue(
        group ? &leader->group_signals.pending : &task->signals.pending, info);
    if (!error && taker)
        task_alert(taker, ATTENTION_SIGNAL);
    return error;
}

int signal_send_task(struct task *task, const struct signal_info *info)
{
    return send(task, info, false);
}

int signal_send_group(struct task *leader, const struct signal_info *info)
{
    return send(leader, info, true);
}

#define NS_PER_TICK 10000000u

bool signal_child_ended(struct task *leader)
{
    struct task *parent = leader->parent;
    uint32_t status = leader->exit_status, unused;
    if (leader->exit_signal - 1u >= ABI_SIGNALS || !parent || !parent->actions)
        return false;
    bool killed = status & 0x7f;
    uint64_t ns = clock_cycles_to_ns(sched_run_cycles(leader));
    struct signal_info info = {
        .number = leader->exit_signal,
        .code = killed ? ABI_CLD_KILLED : ABI_CLD_EXITED,
        .child = {.pid = leader->tid,
                  .status = (int32_t)(killed ? status & 0x7f : status >> 8),
                  .user_ticks =
                      (uint32_t)divide_u64(ns, NS_PER_TICK, &unused)}};
    const struct abi_sigaction *action =
        &parent->actions->action[ABI_SIGCHLD - 1];
    bool unwanted =
        leader->exit_signal == ABI_SIGCHLD &&
        (action->handler == ABI_SIG_IGN || action->flags & ABI_SA_NOCLDWAIT);
    if (!unwanted || action->handler != ABI_SIG_IGN)
        (void)signal_send_group(parent, &info);
    return unwanted;
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

static void set_blocked(struct task *self, signal_set blocked)
    REQUIRES(tasks_lock)
{
    signal_set before = self->signals.blocked;
    self->signals.blocked = blocked & ~SIGNALS_FIRM;
    signal_pass_on(self, blocked & ~before);
    signal_look_again(self);
}

void signal_set_blocked(signal_set blocked)
{
    spin_lock(&tasks_lock);
    set_blocked(current_task(), blocked);
    spin_unlock(&tasks_lock);
}

int signal_suspend(signal_set blocked)
{
    struct task *self = current_task();
    spin_lock(&tasks_lock);
    self->signals.saved = self->signals.blocked;
    set_blocked(self, blocked);
    spin_unlock(&tasks_lock);
    (void)time_sleep_until(UINT64_MAX);
    self->signals.restore = true; /* there is attention: it will be seen */
    return -ERESTART_NO_HANDLER;
}
