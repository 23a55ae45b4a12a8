/* SPDX-License-Identifier: MIT */
/*
 * System calls about signals. The older forms take sets of 32 bits and another
 * structure for actions; one body serves both.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/signal.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task_table.h"
#include "kernel/time.h"
#include "kernel/timespec.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "machine/uaccess.h"

/* --- Actions -------------------------------------------------------------- */

/* Read the action of a signal into *old and set it; NULL leaves it. */
static int change_action(uint32_t number, const struct abi_sigaction *new,
                         struct abi_sigaction *old)
{
    struct task *self = current_task();
    if (number - 1 >= ABI_SIGNALS || (new &&SIGNALS_FIRM &signal_bit(number)))
        return -EINVAL;
    struct abi_sigaction *action = &self->actions->action[number - 1];
    spin_lock(&tasks_lock);
    *old = *action;
    if (new) {
        *action = *new;
        action->flags &= ABI_SA_ALL;
        action->mask &= ~SIGNALS_FIRM;
        if (signal_is_ignored(number, action))
            signal_discard_in_group(self->leader, signal_bit(number));
    }
    spin_unlock(&tasks_lock);
    return 0;
}

/* number, action, old action, bytes of a set */
int32_t sys_rt_sigaction(const uint32_t *arg)
{
    struct abi_sigaction new, old;
    if (arg[3] != sizeof(signal_set))
        return -EINVAL;
    if (arg[1] && copy_from_user(&new, user_ptr_at(arg[1]), sizeof(new)))
        return -EFAULT;
    int error = change_action(arg[0], arg[1] ? &new : NULL, &old);
    if (error || !arg[2])
        return error;
    return copy_to_user(user_ptr_at(arg[2]), &old, sizeof(old));
}

/* number, action, old action */
int32_t sys_sigaction(const uint32_t *arg)
{
    struct abi_old_sigaction user;
    struct abi_sigaction new, old;
    if (arg[1] && copy_from_user(&user, user_ptr_at(arg[1]), sizeof(user)))
        return -EFAULT;
    if (arg[1])
        new = (struct abi_sigaction){user.handler, user.flags, user.restorer,
                                     user.mask};
    int error = change_action(arg[0], arg[1] ? &new : NULL, &old);
    if (error || !arg[2])
        return error;
    user = (struct abi_old_sigaction){old.handler, (uint32_t)old.mask,
                                      old.flags, old.restorer};
    return copy_to_user(user_ptr_at(arg[2]), &user, sizeof(user));
}

/* number, handler: as System V had it. Returns the old handler. */
int32_t sys_signal(const uint32_t *arg)
{
    struct abi_sigaction old,
        new = {.handler = arg[1], .flags = ABI_SA_RESETHAND | ABI_SA_NODEFER};
    int error = change_action(arg[0], &new, &old);
    return error ? error : (int32_t)old.handler;
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
    (void)time_sleep_until(UINT64_MAX);
    return -ERESTART_NO_HANDLER;
}

/* A signal of `set` if one is pending; else it is awaited if `wait` says so. */
static uint32_t take_or_await(signal_set set, bool wait,
                              struct signal_info *info)
{
    struct task *self = current_task();
    spin_lock(&tasks_lock);
    uint32_t number = signal_take(set, info);
    self->signals.awaited = !number && wait ? set : 0;
    if (number || !wait)
        signal_pass_on(self, set); /* came for us, but we wait no more */
    signal_look_again(self);
    spin_unlock(&tasks_lock);
    return number;
}

static int32_t timed_wait(const uint32_t *arg, const struct timespec_form *form)
{
    signal_set set;
    uint64_t ns = UINT64_MAX;
    struct signal_info info;
    char bytes[ABI_SIGINFO_BYTES];
    if (arg[3] != sizeof(set))
        return -EINVAL;
    if (copy_from_user(&set, user_ptr_at(arg[0]), sizeof(set)))
        return -EFAULT;
    int error = arg[2] ? form->get(arg[2], &ns) : 0;
    if (error)
        return error;
    set &= ~SIGNALS_FIRM;
    uint32_t number = take_or_await(set, ns != 0, &info);
    if (!number) {
        int slept = 0;
        if (ns) {
            uint64_t now = clock_ns();
            slept =
                time_sleep_until(ns > UINT64_MAX - now ? UINT64_MAX : now + ns);
            number = take_or_await(set, false, &info);
        }
        if (!number)
            return slept ? -EINTR : -EAGAIN;
    }
    if (!arg[1])
        return (int32_t)number;
    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes, &info, sizeof(info));
    if (copy_to_user(user_ptr_at(arg[1]), bytes, sizeof(bytes)))
        return -EFAULT;
    return (int32_t)number;
}

/* set, siginfo, time-out or NULL, bytes of a set */
int32_t sys_rt_sigtimedwait(const uint32_t *arg)
{
    return timed_wait(arg, &timespec32);
}

int32_t sys_rt_sigtimedwait_time64(const uint32_t *arg)
{
    return timed_wait(arg, &timespec64);
}

/* --- Sending -------------------------------------------------------------- */

static int post(struct task *task, const struct signal_info *info, bool group)
    REQUIRES(tasks_lock)
{
    if ((uint32_t)info->number > ABI_SIGNALS)
        return -EINVAL;
    if (!info->number)
        return 0;
    return group ? signal_send_group(task->leader, info)
                 : signal_send_task(task, info);
}

/* To the task `tid`, of the group `tgid` unless that is 0; or to its group. */
static int post_to(uint32_t tgid, uint32_t tid, const struct signal_info *info,
                   bool group)
{
    int result = -ESRCH;
    spin_lock(&tasks_lock);
    struct task *task = task_find(tid);
    if (task && (!tgid || task->tgid == tgid))
        result = post(task, info, group);
    spin_unlock(&tasks_lock);
    return result;
}

/* To all of a process group; 0: to all but init and ourselves. */
static int post_to_many(uint32_t group, const struct signal_info *info)
{
    const struct task *self = current_task();
    int result = -ESRCH;
    spin_lock(&tasks_lock);
    for (struct task *t = tasks, *next; t; t = next) {
        next = t->all.next;
        if (t->leader == t && !t->kernel_thread &&
            (group ? t->process_group == group
                   : t->tid != 1 && t != self->leader))
            result = post(t, info, true);
    }
    spin_unlock(&tasks_lock);
    return result;
}

static struct signal_info info_from_us(uint32_t number, int32_t code)
{
    return (struct signal_info){.number = (int32_t)number,
                                .code = code,
                                .sender = {.pid = current_task()->tgid}};
}

/* pid, number; a process group as -n, our own one as 0, everybody as -1 */
int32_t sys_kill(const uint32_t *arg)
{
    int32_t pid = (int32_t)arg[0];
    struct signal_info info = info_from_us(arg[1], ABI_SI_USER);
    if (pid > 0)
        return post_to(0, arg[0], &info, true);
    return post_to_many(pid == -1 ? 0
                        : pid     ? 0 - arg[0]
                                  : current_task()->leader->process_group,
                        &info);
}

/* tid, number */
int32_t sys_tkill(const uint32_t *arg)
{
    struct signal_info info = info_from_us(arg[1], ABI_SI_TKILL);
    return (int32_t)arg[0] > 0 ? post_to(0, arg[0], &info, false) : -EINVAL;
}

/* tgid, tid, number */
int32_t sys_tgkill(const uint32_t *arg)
{
    struct signal_info info = info_from_us(arg[2], ABI_SI_TKILL);
    if ((int32_t)arg[0] <= 0 || (int32_t)arg[1] <= 0)
        return -EINVAL;
    return post_to(arg[0], arg[1], &info, false);
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
    return post_to(tgid, tid, &info, group);
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
