/* SPDX-License-Identifier: MIT */
/*
 * The scheduler under disorder: tasks that are woken while they are moved,
 * short sleeps on all CPUs, everybody moving everybody. A task that is lost
 * never ends, which crew_join() notices. And the rule that keeps idle CPUs from
 * taking one task from each other without end.
 */
#include "kernel/call.h"
#include "machine/smp.h"
#include "tests/kernel/crew.h"

static uint32_t phase, ran_on, turns[4]; /* atomic */
static struct wait_queue queue = WAIT_QUEUE("test");

static uint32_t held, let_go; /* atomic */

/* Called on an idle CPU: keeps it from running what is in its queue. */
static void hold(void *unused)
{
    (void)unused;
    uint64_t end = clock_ns() + CREW_WAIT_NS;
    atomic_put(&held, 1);
    while (!atomic_get(&let_go) && clock_ns() < end)
        cpu_pause();
}

/* The first one sleeps on CPU 1 until it is woken, the second holds CPU 1. */
static void sleep_or_hold(uint32_t index)
{
    stay_on(1 + index);
    if (index == 0) {
        wait_until(&queue, atomic_get(&phase));
        atomic_put(&ran_on, this_cpu()->index);
        return;
    }
    const struct cpu *cpu = cpus[nth_cpu(1)];
    CREW_CHECK(comes_true(queue.first && cpu->current == cpu->idle));
    call_cpus(cpu->bit, hold, NULL);
}

SELFTEST(sched_left_alone, "an idle CPU's only task is not taken from it")
{
    if (cpus_running() < 4) {
        log_info("sched_left_alone: left out, too few CPUs");
        return;
    }
    phase = held = let_go = 0;
    ran_on = ~0u;
    cpu_mask before = stay_on(0);
    const struct cpu *one = cpus[nth_cpu(1)];
    bool ok = crew_start(2, sleep_or_hold) && comes_true(atomic_get(&held));
    ok = ok && !task_set_affinity(crew.tid[0], one->bit | 1u << nth_cpu(3));
    atomic_put(&phase, 1);
    wait_wake(&queue, 1);
    bool queued = one->queue.count == 1;
    for (uint32_t i = 0; i < 40; i++) { /* the fourth CPU looks for work */
        smp_send_reschedule(nth_cpu(3));
        clock_delay_us(100);
    }
    bool stayed = one->queue.count == 1 && atomic_get(&ran_on) == ~0u;
    atomic_put(&let_go, 1);
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok && queued && stayed && ran_on == one->index);
}

/* One is woken without end, one wakes it, one changes where it may run. */
static void wake_and_flip(uint32_t index)
{
    uint32_t random = 0xf11b;
    for (uint32_t i = 0; crew_goes_on(); i++)
        if (index == 0) {
            wait_until(&queue, atomic_get(&phase) || !crew_goes_on());
            atomic_put(&phase, 0);
            atomic_add(&turns[0], 1);
        } else if (index == 1) {
            atomic_put(&phase, 1);
            wait_wake(&queue, 1);
            sched_yield_cpu();
        } else {
            uint32_t cpu = nth_cpu(fuzz_random(&random) % MAX_CPUS);
            task_set_affinity(crew.tid[0], 1u << cpu);
            sched_yield_cpu();
        }
    atomic_put(&phase, 1); /* let the first one see that it is over */
    wait_wake(&queue, 1);
}

SELFTEST(sched_flipped, "a task is not lost if it is moved while it wakes up")
{
    phase = turns[0] = 0;
    CHECK(crew_run(3, wake_and_flip));
    CHECK(turns[0] > 0);
}

/* Short sleeps: CPUs fall idle and are woken at all moments. */
static void nap(uint32_t index)
{
    uint32_t random = 0x4a9u + index * 131;
    for (uint32_t i = 0; crew_goes_on(); i++)
        time_sleep_until(clock_ns() + fuzz_random(&random) % 60000);
    atomic_add(&turns[0], 1);
}

SELFTEST(sched_naps, "a task that wakes up runs, though idle CPUs pull tasks")
{
    turns[0] = 0;
    CHECK(crew_run(cpus_running() + 1, nap));
    CHECK(turns[0] == cpus_running() + 1);
}

/* Everything at once: sleep, yield, move oneself and a neighbour. */
static void roam(uint32_t index)
{
    uint32_t random = 0x5eed0001u + index * 7919;
    for (uint32_t i = 0; i < 150 && crew_goes_on(); i++) {
        uint32_t what = fuzz_random(&random) % 8;
        cpu_mask mask = 1u << nth_cpu(fuzz_random(&random) % MAX_CPUS);
        if (what == 0)
            time_sleep_until(clock_ns() + fuzz_random(&random) % 100000);
        else if (what == 1)
            task_set_affinity(crew.tid[fuzz_random(&random) % crew.count],
                              mask | 1u << nth_cpu(0));
        else if (what == 2)
            task_set_affinity(0, mask);
        else if (what == 3)
            wait_wake(&queue, 1);
        else
            sched_yield_cpu();
    }
    task_set_affinity(0, ~(cpu_mask)0);
}

SELFTEST(sched_storm, "tasks that move each other about are all still there")
{
    CHECK(crew_run(cpus_running() * 2 + 2, roam)); /* seeds: see roam() */
}
