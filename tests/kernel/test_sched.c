/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: affinity of tasks that run, are ready or blocked; idle CPUs
 * that pull work; turns. The kernel does not preempt itself, so these tests
 * yield, and a test that must not lets nobody in on its CPU.
 */
#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "machine/smp.h"
#include "tests/kernel/crew.h"

static uint32_t phase, ran_on, turns[4]; /* atomic */
static struct wait_queue queue = WAIT_QUEUE("test");

static bool few_cpus(const char *name, uint32_t least)
{
    if (cpus_running() >= least)
        return false;
    log_info("%s: left out, too few CPUs", name);
    return true;
}

static void stay(uint32_t index)
{
    uint32_t cpu = nth_cpu(index);
    stay_on(index);
    for (uint32_t i = 0; i < 100; i++) {
        CREW_CHECK(this_cpu()->index == cpu);
        if (i % 20 == 0)
            time_sleep_until(clock_ns() + 30000);
        else
            sched_yield_cpu();
    }
}

SELFTEST(sched_affinity, "tasks stay where their affinity says")
{
    CHECK(crew_run(cpus_running() * 3, stay));
}

SELFTEST(sched_self, "a task moves itself to each CPU in turn")
{
    struct cpu *cpu;
    cpu_mask before = stay_on(0);
    bool ok = true;
    for (uint32_t round = 0; round < 20; round++)
        for_each_cpu (cpu) {
            ok &= task_set_affinity(0, cpu->bit) == 0;
            sched_yield_cpu();
            ok &= this_cpu() == cpu; /* at the first chance */
        }
    ok &= task_set_affinity(0, 0) == -EINVAL;
    ok &= task_set_affinity(0, ~cpus_online) == -EINVAL;
    ok &= task_set_affinity(32768, 1) == -ESRCH;
    task_set_affinity(0, before);
    CHECK(ok);
}

/* Runs and yields for ever, saying where. */
static void wander(uint32_t index)
{
    (void)index;
    uint64_t end = clock_ns() + CREW_WAIT_NS;
    while (!atomic_get(&phase) && clock_ns() < end) {
        atomic_put(&ran_on, this_cpu()->index);
        sched_yield_cpu();
    }
}

SELFTEST(sched_running, "a running task is moved by another one")
{
    bool ok = true;
    phase = 0;
    cpu_mask before = stay_on(0);
    ran_on = ~0u;
    CHECK(crew_start(1, wander) && comes_true(atomic_get(&ran_on) != ~0u));
    for (uint32_t i = 0; i < 3 * cpus_running(); i++) {
        uint32_t cpu = nth_cpu(i);
        ok &= task_set_affinity(crew.tid[0], 1u << cpu) == 0;
        ok &= comes_true(atomic_get(&ran_on) == cpu);
    }
    atomic_put(&phase, 1);
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok);
}

/* Waits on the first CPU to be woken; says where it woke up. */
static void sleep_here(uint32_t index)
{
    (void)index;
    stay_on(0);
    wait_until(&queue, atomic_get(&phase));
    atomic_put(&ran_on, this_cpu()->index);
}

static bool crew_sleeps(void)
{
    return queue.first && queue.first->state == TASK_BLOCKED &&
           cpus[nth_cpu(0)]->current != queue.first;
}

SELFTEST(sched_blocked, "a blocked task wakes up where it may run by then")
{
    if (few_cpus("sched_blocked", 2))
        return;
    phase = 0;
    ran_on = ~0u;
    bool ok = crew_start(1, sleep_here) && comes_true(crew_sleeps());
    ok &= task_set_affinity(crew.tid[0], 1u << nth_cpu(1)) == 0;
    atomic_put(&phase, 1);
    wait_wake(&queue, 1);
    ok &= crew_join();
    CHECK(ok && ran_on == nth_cpu(1));
}

SELFTEST(sched_ready,
         "a task in a queue is taken out when it may not run there")
{
    if (few_cpus("sched_ready", 2))
        return;
    phase = 0;
    ran_on = ~0u;
    cpu_mask before = stay_on(0);
    bool ok = crew_start(1, sleep_here) && comes_true(crew_sleeps());
    atomic_put(&phase, 1);
    wait_wake(&queue, 1);
    /* It is queued here behind us, and here it stays while we do not yield. */
    bool queued = this_cpu()->queue.count == 1;
    ok &= task_set_affinity(crew.tid[0], 1u << nth_cpu(1)) == 0;
    bool moved = this_cpu()->queue.count == 0;
    uint64_t end = clock_ns() + CREW_WAIT_NS;
    while (ok && atomic_get(&ran_on) == ~0u && clock_ns() < end)
        cpu_pause();
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok && queued && moved && ran_on == nth_cpu(1));
}

SELFTEST(sched_pull, "an idle CPU that wakes up pulls a task that waits")
{
    if (few_cpus("sched_pull", 2))
        return;
    phase = 0;
    ran_on = ~0u;
    cpu_mask before = stay_on(0);
    uint64_t steals = counter_read(COUNTER_steals);
    bool ok = crew_start(1, sleep_here) && comes_true(crew_sleeps());
    atomic_put(&phase, 1);
    wait_wake(&queue, 1);
    bool queued = this_cpu()->queue.count == 1;
    ok &= task_set_affinity(crew.tid[0], ~(cpu_mask)0) == 0;
    /* Nothing tells the others; any interrupt makes them look. */
    smp_send_reschedule(nth_cpu(1));
    uint64_t end = clock_ns() + CREW_WAIT_NS;
    while (ok && atomic_get(&ran_on) == ~0u && clock_ns() < end)
        cpu_pause();
    bool elsewhere = ran_on != ~0u && ran_on != this_cpu()->index;
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok && queued && elsewhere);
    CHECK(counter_read(COUNTER_steals) > steals);
}

/* Yield; nobody gets a second turn before the others had theirs. */
static void yield_in_turn(uint32_t index)
{
    be_on(0);
    if (!comes_true_busy(atomic_get(&phase)))
        return;
    for (uint32_t i = 0; i < 500; i++) {
        turns[index]++;
        for (uint32_t other = 0; other < 3; other++)
            CREW_CHECK(turns[index] <= turns[other] + 1 || phase == 2);
        sched_yield_cpu();
    }
    phase = 2; /* the first one leaves, the others may go on alone */
}

SELFTEST(sched_turns, "tasks that yield on one CPU take turns")
{
    phase = 0;
    memset(turns, 0, sizeof(turns));
    cpu_mask before = stay_on(0);
    bool ok = crew_start(3, yield_in_turn) && crew_is_there();
    atomic_put(&phase, 1);
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok && turns[0] == 500 && turns[1] == 500 && turns[2] == 500);
}
