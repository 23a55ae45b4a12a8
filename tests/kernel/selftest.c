/* SPDX-License-Identifier: MIT */
/* The call that runs a self-test, and looks whether it lost frames. */
#include "tests/kernel/selftest.h"

#include "kernel/abi/errno.h"
#include "kernel/mutex.h"
#include "kernel/panic.h"
#include "kernel/syscall.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"

/* One at a time: the crew of this file has one member. */
static struct mutex running = {.waiters = WAIT_QUEUE("self-tests")};
static const struct selftest *test;
static bool passed;
static uint32_t done; /* atomic */
static struct task *asker;
static struct wait_queue ended = WAIT_QUEUE("self-test ended");

/*
 * A test may need all other CPUs to itself, and load any MM there: not while
 * the task that asked still stands on a stack in its own.
 */
static bool is_asleep(const struct task *task)
{
    const struct cpu *cpu = cpus[__atomic_load_n(&task->cpu, __ATOMIC_SEQ_CST)];
    return __atomic_load_n(&task->state, __ATOMIC_SEQ_CST) == TASK_BLOCKED &&
           *(struct task *const volatile *)&cpu->current != task;
}

static void run(uint32_t index)
{
    (void)index;
    while (!is_asleep(asker))
        sched_yield_cpu();
    passed = test->run();
    atomic_put(&done, 1);
    wait_wake(&ended, ~0u);
}

/*
 * Wait for its end, however long it takes, and asleep: a test may need all
 * other CPUs to itself.
 */
static bool run_in_thread(void)
{
    passed = false;
    atomic_put(&done, 0);
    asker = current_task();
    if (!crew_start(1, run))
        return false;
    while (!atomic_get(&done)) {
        wait_join(&ended);
        if (!atomic_get(&done))
            wait_sleep();
        wait_leave(&ended);
    }
    while (!crew_is_gone())
        time_sleep_until(clock_ns() + CREW_POLL_NS);
    crew.count = 0;
    return passed;
}

int32_t sys_selftest(const uint32_t *arg)
{
    if (arg[0] >= (uint32_t)(selftests_end - selftests_start))
        return -EINVAL;
    mutex_lock(&running);
    test = selftests_start + arg[0];
    log_info("self-test %s", test->name);
    uint64_t before = frames_free_settled();
    bool ok = test->in_mm ? test->run() : run_in_thread();
    int64_t lost = ok ? (int64_t)(before - frames_free_settled()) : 0;
    if (lost)
        log_warn("self-test %s: frames lost: %d", test->name, (int)lost);
    mutex_unlock(&running);
    return ok && !lost ? 0 : -EIO;
}
