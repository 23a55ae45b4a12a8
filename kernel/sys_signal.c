/* SPDX-License-Identifier: MIT */
/*
 * System calls about signals. Of the older forms, with sets of 32 bits, those
 * are here that have no structure of their own.
 */
#include "kernel/abi/errno.h"
#include "kernel/signal.h"
#include "kernel/syscall.h"
#include "kernel/task_table.h"
#include "kernel/time.h"
#include "kernel/timespec.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "machine/uaccess.h"

/* number, action, old action, bytes of a set */
int32_t sys_rt_sigaction(const uint32_t *arg)
{
    struct task *self = current_task();
    struct abi_sigaction new, old;
    uint32_t number = arg[0];
    if (arg[3] != sizeof(signal_set))
        return -EINVAL;
    if (arg[1] && copy_from_user(&new, user_ptr_at(arg[1]), sizeof(new)))
        return -EFAULT;
    if (number - 1 >= ABI_SIGNALS ||
        (arg[1] && SIGNALS_FIRM & signal_bit(number)))
        return -EINVAL;
    int32_t error = 0;
    spin_lock(&tasks_lock);
    old = signal_action(self->actions, number);
    if (arg[1]) {
        new.flags &= ABI_SA_ALL;
        new.mask &= ~SIGNALS_FIRM;
        error = signal_set_action(self->actions, number, &new);
        if (!error && signal_is_ignored(number, &new))
            signal_discard_in_group(self->leader, signal_bit(number));
    }
    spin_unlock(&tasks_lock);
    if (!error && arg[2])
        error = copy_to_user(user_ptr_at(arg[2]), &old, sizeof(old));
    return error;
}

/* --- Masks ---------------------------------------------------------------- */

/* how, set, old set, and of how many bytes these are */
static int32_t change_mask(const uint32_t *arg, uint32_t bytes)
{
    signal_set old = current_task()->signals.blocked, set = 0, new;
    if (arg[1]) {
        if (copy_from_user(&set, user_ptr_at(arg[1]), bytes))
            return -EFAULT;
        if (arg[0] == ABI_SIG_BLOCK)
            new = old | set;
        else if (arg[0] == ABI_SIG_UNBLOCK)
            new = old & ~set;
        else if (arg[0] == ABI_SIG_SETMASK)
            new = bytes == sizeof(set) ? set : (old >> 32 << 32) | set;
        else
            return -EINVAL;
        if (new != old)
            signal_set_blocked(new);
    }
    return arg[2] ? copy_to_user(user_ptr_at(arg[2]), &old, bytes) : 0;
}

int32_t sys_rt_sigprocmask(const uint32_t *arg)
{
    return arg[3] == sizeof(signal_set) ? change_mask(arg, arg[3]) : -EINVAL;
}

int32_t sys_sigprocmask(const uint32_t *arg)
{
    return change_mask(arg, sizeof(uint32_t));
}

/* set, bytes of it */
int32_t sys_rt_sigpending(const uint32_t *arg)
{
    const struct task *self = current_task();
    if (arg[1] > sizeof(signal_set))
        return -EINVAL;
    spin_lock(&tasks_lock);
    signal_set set =
        (self->signals.pending.set | self->leader->group_signals.pending.set) &
        self->signals.blocked;
    spin_unlock(&tasks_lock);
    return copy_to_user(user_ptr_at(arg[0]), &set, arg[1]);
}

int32_t sys_sigpending(const uint32_t *arg)
{
    const uint32_t with_size[] = {arg[0], sizeof(uint32_t)};
    return sys_rt_sigpending(with_size);
}

/* --- Waiting -------------------------------------------------------------- */

/* set, bytes of it */
int32_t sys_rt_sigsuspend(const uint32_t *arg)
{
    signal_set set;
    if (arg[1] != sizeof(set))
        return -EINVAL;
    if (copy_from_user(&set, user_ptr_at(arg[0]), sizeof(set)))
        return -EFAULT;
    return signal_suspend(set);
}

/* unused, unused, set: the value, not a pointer */
int32_t sys_sigsuspend(const uint32_t *arg)
{
    return signal_suspend(arg[2]);
}

int32_t sys_pause(const uint32_t *arg)
{
    (void)arg;
    return signal_suspend(current_task()->signals.blocked);
}

/*
 * Take a signal of `set`; if none is pending wait for `ns` at most, while
 * senders take the set for not blocked. The number, -EAGAIN or -EINTR.
 */
static int32_t wait_for_signal(signal_set set, uint64_t ns,
                               struct signal_info *info)
{
    struct task *self = current_task();
    uint64_t now = clock_ns();
    int slept = 0;
    spin_lock(&tasks_lock);
    uint32_t number = signal_take(set, info);
    if (!number && ns) {
        self->signals.awaited = set;
        spin_unlock(&tasks_lock);
        slept = time_sleep_until(ns > UINT64_MAX - now ? UINT64_MAX : now + ns);
        spin_lock(&tasks_lock);
        self->signals.awaited = 0;
        number = signal_take(set, info);
        signal_pass_on(self, set); /* came for us, but we wait no more */
    }
    signal_look_again(self);
    spin_unlock(&tasks_lock);
    return number ? (int32_t)number : slept ? -EINTR : -EAGAIN;
}

/* set, siginfo, time-out or NULL, bytes of a set */
static int32_t timed_wait(const uint32_t *arg, const struct timespec_form *form)
{
    signal_set set;
    uint64_t ns = UINT64_MAX;
    struct signal_info info;
    if (arg[3] != sizeof(set))
        return -EINVAL;
    if (copy_from_user(&set, user_ptr_at(arg[0]), sizeof(set)))
        return -EFAULT;
    int32_t result = arg[2] ? form->get(arg[2], &ns) : 0;
    if (!result)
        result = wait_for_signal(set & ~SIGNALS_FIRM, ns, &info);
    if (result > 0 && arg[1] &&
        copy_to_user(user_ptr_at(arg[1]), &info, sizeof(info)))
        return -EFAULT;
    return result;
}

BOTH_FORMS(rt_sigtimedwait, rt_sigtimedwait_time64, timed_wait)

/* --- Sending -------------------------------------------------------------- */

/* To the task `tid`, of the group `tgid` unless that is 0; or to its group. */
static int post(uint32_t tgid, uint32_t tid, const struct signal_info *info,
                bool group)
{
    int result = -ESRCH;
    spin_lock(&tasks_lock);
    struct task *task = task_find(tid);
    if (task && (!tgid || task->tgid == tgid))
        result = signal_send(group ? task->leader : task, info, group);
    spin_unlock(&tasks_lock);
    return result;
}

/* To all of a process group; 0: to all but init and ourselves. */
static int post_to_many(uint32_t group, const struct signal_info *info)
{
    const struct task *self = current_task();
    int result = -ESRCH;
    spin_lock(&tasks_lock);
    for (struct task *t = tasks; t; t = t->all.next)
        if (t->leader == t && !t->kernel_thread &&
            (group ? t->process_group == group
                   : t->tid != 1 && t != self->leader))
            result = signal_send(t, info, true);
    spin_unlock(&tasks_lock);
    return result;
}

static struct signal_info info_from_us(uint32_t number, int32_t code)
{
    return (struct signal_info){
        .number = (int32_t)number, .code = code, .pid = current_task()->tgid};
}

/* pid, number; a process group as -n, our own one as 0, everybody as -1 */
int32_t sys_kill(const uint32_t *arg)
{
    int32_t pid = (int32_t)arg[0];
    struct signal_info info = info_from_us(arg[1], ABI_SI_USER);
    if (pid > 0)
        return post(0, arg[0], &info, true);
    return post_to_many(pid == -1 ? 0
                        : pid     ? 0 - arg[0]
                                  : current_task()->leader->process_group,
                        &info);
}

/* tid, number */
int32_t sys_tkill(const uint32_t *arg)
{
    struct signal_info info = info_from_us(arg[1], ABI_SI_TKILL);
    return (int32_t)arg[0] > 0 ? post(0, arg[0], &info, false) : -EINVAL;
}

/* tgid, tid, number */
int32_t sys_tgkill(const uint32_t *arg)
{
    struct signal_info info = info_from_us(arg[2], ABI_SI_TKILL);
    if ((int32_t)arg[0] <= 0 || (int32_t)arg[1] <= 0)
        return -EINVAL;
    return post(arg[0], arg[1], &info, false);
}

/* A program may not pretend to others that the kernel or kill() sent it. */
static int32_t queue_info(uint32_t tgid, uint32_t tid, uint32_t number,
                          uint32_t address, bool group)
{
    struct signal_info info;
    if (copy_from_user(&info, user_ptr_at(address), sizeof(info)))
        return -EFAULT;
    if ((info.code >= 0 || info.code == ABI_SI_TKILL) &&
        current_task()->tgid != tid)
        return -EPERM;
    info.number = (int32_t)number;
    return post(tgid, tid, &info, group);
}

/* pid, number, siginfo */
int32_t sys_rt_sigqueueinfo(const uint32_t *arg)
{
    return queue_info(0, arg[0], arg[1], arg[2], true);
}

/* tgid, tid, number, siginfo */
int32_t sys_rt_tgsigqueueinfo(const uint32_t *arg)
{
    if ((int32_t)arg[0] <= 0 || (int32_t)arg[1] <= 0)
        return -EINVAL;
    return queue_info(arg[0], arg[1], arg[2], arg[3], false);
}
