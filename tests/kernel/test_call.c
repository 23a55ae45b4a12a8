/* SPDX-License-Identifier: MIT */
/*
 * Calls between CPUs: they arrive, once, with interrupts off; they wait for a
 * CPU that has interrupts off; all CPUs may call all others at once, from
 * sections with interrupts off too. And the reschedule interrupt, which wakes
 * a CPU that has no timer and would sleep for ever.
 */
#include "kernel/call.h"
#include "kernel/counters.h"
#include "tests/kernel/crew.h"

static uint32_t calls[MAX_CPUS], trouble; /* atomic */

static void note(void *argument)
{
    atomic_add(&calls[this_cpu()->index], 1);
    if (interrupts_enabled() || argument != &trouble)
        atomic_add(&trouble, 1);
}

/* Each CPU in `mask` was called `times` times and no other one was. */
static bool called(cpu_mask mask, uint32_t times)
{
    bool ok = atomic_get(&trouble) == 0;
    for (uint32_t i = 0; i < MAX_CPUS; i++) {
        ok &= atomic_get(&calls[i]) == (mask >> i & 1 ? times : 0);
        calls[i] = 0;
    }
    trouble = 0;
    return ok;
}

SELFTEST(call_arrives, "each target is called once, also this CPU, no other")
{
    struct cpu *cpu;
    called(0, 0);
    for (uint32_t round = 0; round < 10; round++)
        for_each_cpu (cpu) {
            call_cpus(cpu->bit, note, &trouble);
            CHECK(called(cpu->bit, 1));
        }
    call_cpus(cpus_online, note, &trouble);
    CHECK(called(cpus_online, 1));
    call_cpus(~(cpu_mask)0, note, &trouble); /* those that are not there too */
    CHECK(called(cpus_online, 1));
    call_cpus(0, note, &trouble);
    CHECK(called(0, 0) && interrupts_enabled());
}

SELFTEST(call_interrupts_off, "calls go out with interrupts off, and stay off")
{
    called(0, 0);
    interrupts_disable();
    call_cpus(cpus_online, note, &trouble);
    bool off = !interrupts_enabled();
    interrupts_enable();
    CHECK(off && called(cpus_online, 1));
}

static uint32_t closed, opened; /* atomic */

static void close_for_a_while(uint32_t index)
{
    be_on(1 + index);
    interrupts_disable();
    uint64_t end = clock_ns() + 3000000;
    atomic_put(&closed, 1);
    while (clock_ns() < end)
        cpu_pause();
    atomic_put(&opened, 1);
    interrupts_enable();
}

static void was_open(void *unused)
{
    (void)unused;
    if (!atomic_get(&opened))
        atomic_add(&trouble, 1);
}

SELFTEST(call_blocked, "a call waits for a CPU that has interrupts off")
{
    if (cpus_running() < 2) {
        log_info("call_blocked: left out, too few CPUs");
        return;
    }
    closed = opened = trouble = 0;
    cpu_mask before = stay_on(0);
    bool ok = crew_start(1, close_for_a_while) && crew_is_there();
    while (ok && !atomic_get(&closed))
        cpu_pause();
    call_cpus(1u << nth_cpu(1), was_open, NULL);
    uint32_t after = atomic_get(&opened);
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok && after && trouble == 0);
}

static uint32_t finished; /* rounds that call_all() has done; atomic */

static void call_all(uint32_t index)
{
    stay_on(index);
    for (uint32_t i = 0; i < 100 && crew_goes_on(); i++) {
        uint32_t interrupts = i % 2 ? interrupts_save() : 0;
        call_cpus(cpus_online, note, &trouble);
        interrupts_restore(interrupts);
        atomic_add(&finished, 1);
    }
}

SELFTEST(call_all_to_all, "all CPUs call all CPUs at the same time")
{
    called(0, 0);
    finished = 0;
    bool ok = crew_run(cpus_running(), call_all);
    CHECK(called(cpus_online, finished) && ok && finished > 0);
}

static uint32_t ran_on; /* atomic */

static void note_cpu(uint32_t index)
{
    (void)index;
    atomic_put(&ran_on, this_cpu()->index);
}

/* Sleeps on a CPU of its own until the first one wakes it. */
static struct wait_queue sleepers = WAIT_QUEUE("sleepers");
static uint32_t awake; /* atomic */

static void sleep_there(uint32_t index)
{
    stay_on(1 + index);
    wait_until(&sleepers, atomic_get(&awake));
    note_cpu(index);
}

static bool is_asleep(uint32_t n)
{
    const struct cpu *cpu = cpus[nth_cpu(n)];
    return sleepers.first && cpu->current == cpu->idle && !cpu->queue.count;
}

SELFTEST(call_reschedule, "a reschedule interrupt wakes a CPU that sleeps")
{
    if (cpus_running() < 2) {
        log_info("call_reschedule: left out, too few CPUs");
        return;
    }
    cpu_mask before = stay_on(0);
    ran_on = ~0u;
    awake = 0;
    bool ok = crew_start(1, sleep_there) && comes_true(is_asleep(1));
    time_sleep_until(clock_ns() + 2000000); /* it gets to HLT */
    uint64_t count = counter_read(COUNTER_ipis_reschedule);
    atomic_put(&awake, 1);
    wait_wake(&sleepers, 1);
    /* Not yielding: nobody else can do it. */
    uint64_t end = clock_ns() + CREW_WAIT_NS;
    while (ok && atomic_get(&ran_on) == ~0u && clock_ns() < end)
        cpu_pause();
    uint64_t more = counter_read(COUNTER_ipis_reschedule) - count;
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok && ran_on == nth_cpu(1) && more > 0);
}
