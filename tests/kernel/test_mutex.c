/* SPDX-License-Identifier: MIT */
/*
 * Mutexes: one holder at a time even if it sleeps, and a waiter that is
 * blocked and not spinning. Their order is asserted in debug builds.
 */
#include "kernel/mutex.h"
#include "tests/kernel/crew.h"

static struct mutex mutex;
static volatile uint32_t inside, total;
static uint32_t rounds, got_it; /* atomic */

static void enter_and_yield(uint32_t index)
{
    uint32_t random = 0xc0ffee01u + index * 77;
    for (uint32_t i = 0; i < 100 && crew_goes_on(); i++) {
        mutex_lock(&mutex);
        CREW_CHECK(inside == 0 && mutex_held(&mutex));
        inside = 1;
        uint32_t before = total;
        switch (fuzz_random(&random) % 4) {
        case 0:
            sched_yield_cpu();
            break;
        case 1:
            time_sleep_until(clock_ns() + fuzz_random(&random) % 20000);
            break;
        }
        total = before + 1;
        inside = 0;
        mutex_unlock(&mutex);
        CREW_CHECK(!mutex_held(&mutex));
        atomic_add(&rounds, 1);
    }
}

SELFTEST(mutex_excludes, "one task at a time, though it yields and sleeps")
{
    mutex_init(&mutex, "test", MUTEX_MM);
    inside = total = rounds = 0;
    CHECK(crew_run(cpus_running() + 4, enter_and_yield));
    CHECK(total == rounds && rounds > 0);
    CHECK(!mutex.owner && !mutex.waiters.first && !mutex.waiters.last);
}

#define ROUNDS 400
static uint32_t arrived, left; /* atomic */

/* Both take it once a round, at the same time: a lost release is the last. */
static void collide(uint32_t index)
{
    uint32_t random = 0xb0bb1e5u + index;
    stay_on(index);
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        atomic_add(&arrived, 1);
        CREW_CHECK(comes_true_busy(atomic_get(&arrived) >= 2 * i));
        for (uint32_t n = fuzz_random(&random) % 64; n > 0; n--)
            cpu_pause();
        mutex_lock(&mutex);
        for (uint32_t n = fuzz_random(&random) % 64; n > 0; n--)
            cpu_pause();
        mutex_unlock(&mutex);
        atomic_add(&left, 1);
    }
}

SELFTEST(mutex_collisions,
         "a release is not missed by who is just about to sleep")
{
    mutex_init(&mutex, "test", MUTEX_MM);
    arrived = left = 0;
    CHECK(crew_run(2, collide));
    CHECK(left == 2 * ROUNDS && !mutex.owner && !mutex.waiters.first);
}

static void take_once(uint32_t index)
{
    (void)index;
    mutex_lock(&mutex);
    atomic_add(&got_it, 1);
    mutex_unlock(&mutex);
}

static bool somebody_sleeps(void)
{
    spin_lock(&mutex.waiters.lock);
    const struct task *task = mutex.waiters.first;
    bool sleeps =
        task && task->state == TASK_BLOCKED && cpus[task->cpu]->current != task;
    spin_unlock(&mutex.waiters.lock);
    return sleeps;
}

SELFTEST(mutex_waits, "who finds it taken sleeps until it is released")
{
    mutex_init(&mutex, "test", MUTEX_MM);
    got_it = 0;
    mutex_lock(&mutex);
    bool started = crew_start(3, take_once);
    bool sleeps = comes_true(somebody_sleeps());
    bool none = atomic_get(&got_it) == 0;
    mutex_unlock(&mutex);
    bool ended = crew_join();
    CHECK(started && sleeps && none);
    CHECK(ended && got_it == 3 && !mutex.owner);
}
