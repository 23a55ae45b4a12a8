/* SPDX-License-Identifier: MIT */
/*
 * ITIMER_REAL: one timer a thread group, in its leader's structure, that sends
 * SIGALRM. The time of the next one is guarded by the table's lock; a timer is
 * cancelled without it, because its function takes it, so a mutex for all
 * groups keeps those who set it apart.
 */
#include "kernel/abi/errno.h"
#include "kernel/mutex.h"
#include "kernel/signal.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/timespec.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "machine/uaccess.h"

#define MICROSECONDS 1000000u /* a second */

static struct mutex alarm_mutex = MUTEX("alarm", MUTEX_ALARM);

static void alarm_rings(struct timer *timer)
{
    static const struct signal_info info = {.number = ABI_SIGALRM,
                                            .code = ABI_SI_KERNEL};
    struct task *leader = container_of(timer, struct task, group_signals.timer);
    struct group_signals *group = &leader->group_signals;
    spin_lock(&tasks_lock);
    if (group->alarm.at && leader->threads) { /* else it is being stopped */
        (void)signal_send(leader, &info, true);
        group->alarm.at =
            group->alarm.interval ? clock_ns() + group->alarm.interval : 0;
        if (group->alarm.at)
            timer_start(timer, group->alarm.at, alarm_rings);
    }
    spin_unlock(&tasks_lock);
}

struct alarm alarm_set(struct task *leader, struct alarm alarm)
{
    struct group_signals *group = &leader->group_signals;
    mutex_lock(&alarm_mutex);
    spin_lock(&tasks_lock);
    struct alarm old = group->alarm;
    group->alarm.at = 0; /* the function does not start it again */
    spin_unlock(&tasks_lock);
    timer_cancel(&group->timer);
    spin_lock(&tasks_lock);
    group->alarm = alarm;
    if (alarm.at)
        timer_start(&group->timer, alarm.at, alarm_rings);
    spin_unlock(&tasks_lock);
    mutex_unlock(&alarm_mutex);
    return old;
}

static int to_ns(struct abi_timeval t, uint64_t *ns)
{
    if (t.seconds < 0 || (uint32_t)t.microseconds >= MICROSECONDS)
        return -EINVAL;
    *ns = (uint64_t)(uint32_t)t.seconds * NS_PER_SECOND +
          (uint32_t)t.microseconds * NS_PER_MICROSECOND;
    return 0;
}

/* How long until it rings: at least a microsecond if it is set. */
static uint64_t time_left(struct alarm alarm)
{
    uint64_t now = clock_ns();
    return !alarm.at ? 0 : alarm.at > now ? alarm.at - now : NS_PER_MICROSECOND;
}

static int32_t put_itimer(uint32_t address, struct alarm alarm)
{
    struct abi_itimerval value = {timeval_of(alarm.interval),
                                  timeval_of(time_left(alarm))};
    return copy_to_user(user_ptr_at(address), &value, sizeof(value));
}

/* seconds. Returns those that were left, rounded, but not to none. */
int32_t sys_alarm(const uint32_t *arg)
{
    uint32_t rest, seconds = arg[0] <= INT32_MAX ? arg[0] : INT32_MAX;
    struct alarm alarm = {0, 0};
    if (seconds)
        alarm.at = clock_ns() + (uint64_t)seconds * NS_PER_SECOND;
    uint64_t left = time_left(alarm_set(current_task()->leader, alarm));
    if (left && left < NS_PER_SECOND)
        return 1;
    return (int32_t)divide_u64(left + NS_PER_SECOND / 2, NS_PER_SECOND, &rest);
}

/* which, value, old value: the timers of processor time are not there. */
int32_t sys_setitimer(const uint32_t *arg)
{
    struct abi_itimerval value = {{0, 0}, {0, 0}};
    struct alarm alarm;
    if (arg[1] && copy_from_user(&value, user_ptr_at(arg[1]), sizeof(value)))
        return -EFAULT;
    if (arg[0] != ABI_ITIMER_REAL || to_ns(value.value, &alarm.at) ||
        to_ns(value.interval, &alarm.interval))
        return -EINVAL;
    if (alarm.at)
        alarm.at += clock_ns();
    else
        alarm.interval = 0;
    alarm = alarm_set(current_task()->leader, alarm);
    return arg[2] ? put_itimer(arg[2], alarm) : 0;
}

/* which, value */
int32_t sys_getitimer(const uint32_t *arg)
{
    if (arg[0] != ABI_ITIMER_REAL)
        return -EINVAL;
    spin_lock(&tasks_lock);
    struct alarm alarm = current_task()->leader->group_signals.alarm;
    spin_unlock(&tasks_lock);
    return put_itimer(arg[1], alarm);
}
