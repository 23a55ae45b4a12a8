/* SPDX-License-Identifier: MIT */
/*
 * Timers: in the order of their deadlines, never early, on the CPU that set
 * them, with interrupts off; and cancelling, of which the hard case is a
 * function that is running on another CPU: it must have returned.
 */
#include "kernel/timer.h"
#include "tests/kernel/crew.h"

#define COUNT 60

/* A timer with what its function saw. Static: CPUs follow these pointers. */
struct probe {
    struct timer timer;
    uint64_t deadline;
    uint32_t place; /* how many had been before it */
    uint32_t fired; /* atomic: how often */
    uint32_t cpu;
};
static struct probe probes[COUNT];
static uint32_t fired, trouble; /* atomic */

static void fire(struct timer *timer)
{
    struct probe *probe = container_of(timer, struct probe, timer);
    if (clock_ns() < probe->deadline || interrupts_enabled() || timer->queued)
        atomic_add(&trouble, 1);
    probe->cpu = this_cpu()->index;
    probe->place = atomic_add(&fired, 1);
    atomic_add(&probe->fired, 1);
}

static void start(struct probe *probe, uint64_t deadline)
{
    *probe = (struct probe){.deadline = deadline};
    timer_start(&probe->timer, deadline, fire);
}

SELFTEST(timer_order, "timers fire once, in order, not early, on their CPU")
{
    cpu_mask before = stay_on(1);
    uint32_t cpu = this_cpu()->index, random = 0x71e4;
    uint64_t now = clock_ns();
    fired = trouble = 0;
    /* Some are over already, some at the same time: first come, first. */
    interrupts_disable();
    for (uint32_t i = 0; i < COUNT; i++)
        start(&probes[i], now + fuzz_random(&random) % 40 * 250000);
    interrupts_enable();
    bool all = comes_true(atomic_get(&fired) >= COUNT);
    task_set_affinity(0, before);
    CHECK(all && fired == COUNT && trouble == 0);
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK(probes[i].fired == 1 && probes[i].cpu == cpu);
        for (uint32_t j = 0; j < i; j++)
            CHECK((probes[j].deadline <= probes[i].deadline) ==
                  (probes[j].place < probes[i].place));
    }
}

SELFTEST(timer_cancel, "a cancelled timer does not fire; the others do")
{
    uint32_t random = 0xca9ce1;
    uint64_t now = clock_ns();
    fired = trouble = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        start(&probes[i], now + 3000000 + fuzz_random(&random) % 3000000);
    for (uint32_t i = 0; i < COUNT; i += 2) {
        timer_cancel(&probes[i].timer);
        timer_cancel(&probes[i].timer); /* once more does no harm */
    }
    /* Those that fired before their turn to be cancelled came are in order. */
    uint32_t early = 0;
    for (uint32_t i = 0; i < COUNT; i += 2)
        early += probes[i].fired;
    bool ok = comes_true(atomic_get(&fired) == COUNT / 2 + early);
    time_sleep_until(now + 7000000);
    CHECK(ok && fired == COUNT / 2 + early && trouble == 0);
    for (uint32_t i = 1; i < COUNT; i += 2)
        CHECK(probes[i].fired == 1 && !probes[i].timer.queued);
}

static struct timer slow;
static uint32_t began, returned; /* atomic */

static void take_long(struct timer *timer)
{
    (void)timer;
    atomic_put(&began, 1);
    uint64_t end = clock_ns() + 3000000;
    while (clock_ns() < end)
        cpu_pause();
    atomic_put(&returned, 1);
}

static void start_slow(uint32_t index)
{
    be_on(1 + index);
    timer_start(&slow, clock_ns() + 1000000, take_long);
    CREW_CHECK(comes_true_busy(atomic_get(&returned)));
}

SELFTEST(timer_cancel_running, "cancelling waits for a function that runs")
{
    if (cpus_running() < 2) {
        log_info("timer_cancel_running: left out, too few CPUs");
        return;
    }
    cpu_mask before = stay_on(0);
    began = returned = 0;
    bool ok = crew_start(1, start_slow) && crew_is_there();
    while (ok && !atomic_get(&began))
        cpu_pause();
    timer_cancel(&slow);
    uint32_t after = atomic_get(&returned);
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok && after);
}

static void again(struct timer *timer)
{
    if (atomic_add(&fired, 1) < 9)
        timer_start(timer, clock_ns() + 100000, again);
}

SELFTEST(timer_again, "a timer's function may start it again")
{
    static struct timer timer;
    fired = 0;
    timer_start(&timer, clock_ns(), again);
    CHECK(comes_true(atomic_get(&fired) == 10));
    time_sleep_until(clock_ns() + 1000000);
    CHECK(fired == 10 && !timer.queued);
}

#define EACH 4
static struct probe own[MAX_CPUS][EACH];

/* Start timers here; the first one, for much later, another CPU cancels. */
static void start_own(uint32_t index)
{
    struct probe *mine = own[index];
    stay_on(index);
    start(&mine[0], clock_ns() + 1000000000);
    atomic_add(&began, 1);
    CREW_CHECK(comes_true(atomic_get(&began) == crew.count));
    timer_cancel(&own[(index + 1) % crew.count][0].timer);
    for (uint32_t round = 0; round < 20 && crew_goes_on(); round++) {
        uint64_t deadline = clock_ns() + 200000;
        for (uint32_t i = 1; i < EACH; i++)
            start(&mine[i], deadline + i * 20000);
        time_sleep_until(deadline + EACH * 20000);
        for (uint32_t i = 1; i < EACH; i++) {
            timer_cancel(&mine[i].timer);
            CREW_CHECK(mine[i].fired == 1);
            CREW_CHECK(mine[i].cpu == this_cpu()->index);
        }
    }
}

SELFTEST(timer_cpus, "all CPUs have timers and cancel each other's")
{
    trouble = began = 0;
    CHECK(crew_run(cpus_running(), start_own));
    CHECK(trouble == 0);
    for (uint32_t i = 0; i < cpus_running(); i++)
        CHECK(!own[i][0].timer.queued && !own[i][0].fired);
}

SELFTEST(timer_sleep, "sleeping ends after its time, not before")
{
    for (uint32_t i = 0; i < 10; i++) {
        uint64_t deadline = clock_ns() + i * 150000;
        CHECK(time_sleep_until(deadline) == 0 && clock_ns() >= deadline);
        CHECK(!current_task()->timer.queued);
    }
    CHECK(time_sleep_until(0) == 0);
}
