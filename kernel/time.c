/* SPDX-License-Identifier: MIT */
/*
 * Clocks. There is one counter, nanoseconds since reset; the wall clock is that
 * plus an offset read from the CMOS clock at boot, whole seconds only.
 */
#include "kernel/time.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/abi/linux_limits.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "kernel/usage.h"
#include "kernel/wait.h"
#include "machine/cpu.h"
#include "machine/time.h"

static uint64_t wall_offset; /* nanoseconds; written at boot only */

void time_init(void)
{
    wall_offset = clock_read_cmos() * NS_PER_SECOND - clock_ns();
}

int time_read(int32_t clock, uint64_t *ns)
{
    *ns = clock_ns();
    switch (clock) {
    case ABI_CLOCK_MONOTONIC:
    case ABI_CLOCK_MONOTONIC_RAW:
    case ABI_CLOCK_MONOTONIC_COARSE:
    case ABI_CLOCK_BOOTTIME:
        return 0;
    case ABI_CLOCK_REALTIME:
    case ABI_CLOCK_REALTIME_COARSE:
    case ABI_CLOCK_TAI:
        *ns += wall_offset;
        return 0;
    case ABI_CLOCK_PROCESS_CPUTIME:
    case ABI_CLOCK_THREAD_CPUTIME:
        *ns = usage_ns(clock == ABI_CLOCK_THREAD_CPUTIME ? ABI_RUSAGE_THREAD
                                                         : ABI_RUSAGE_SELF);
        return 0;
    default:
        return -EINVAL;
    }
}

static void wake_sleeper(struct timer *timer)
{
    struct task *task = container_of(timer, struct task, timer);
    sched_wake(task);
}

void time_set_alarm(uint64_t deadline)
{
    timer_start(&current_task()->timer, deadline, wake_sleeper);
}

int time_sleep_until(uint64_t deadline)
{
    struct task *self = current_task();
    int result = 0;
    time_set_alarm(deadline);
    for (;;) {
        /* Blocked first, then look: see wait.h. */
        __atomic_store_n(&self->state, TASK_BLOCKED, __ATOMIC_SEQ_CST);
        if (!__atomic_load_n(&self->timer.queued, __ATOMIC_SEQ_CST))
            break;
        if (wait_interrupted()) {
            result = -EINTR;
            break;
        }
        wait_sleep();
    }
    sched_set_ready();
    timer_cancel(&self->timer);
    return result;
}
