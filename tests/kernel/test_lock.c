/* SPDX-License-Identifier: MIT */
/*
 * Spin locks: one holder at a time, interrupts as they were, and calls of other
 * CPUs served while waiting. Tests in which a CPU waits for another need two.
 */
#include "kernel/call.h"
#include "kernel/spinlock.h"
#include "tests/kernel/crew.h"

static struct spinlock lock = SPINLOCK("test", RANK_WAIT);

/* What the lock guards: equal outside of it. Volatile: really twice. */
static volatile uint32_t left, right;
static uint32_t rounds; /* atomic */

static void count_both(uint32_t index)
{
    stay_on(index);
    for (uint32_t i = 0; i < 1000 && crew_goes_on(); i++) {
        spin_lock(&lock);
        CREW_CHECK(left == right && !interrupts_enabled());
        left++;
        right++;
        spin_unlock(&lock);
        atomic_add(&rounds, 1);
    }
}

SELFTEST(lock_excludes, "one CPU at a time has the lock")
{
    spin_init(&lock, "test", RANK_WAIT);
    left = right = rounds = 0;
    CHECK(crew_run(cpus_running(), count_both));
    CHECK(left == rounds && right == rounds && !lock.held);
}

SELFTEST(lock_interrupts, "interrupts are off while held and then as before")
{
    static struct spinlock inner = SPINLOCK("inner test", RANK_TIMER);
    bool ok = interrupts_enabled();
    spin_lock(&lock);
    ok &= !interrupts_enabled();
    spin_lock(&inner);
    spin_unlock(&inner);
    ok &= !interrupts_enabled();
    spin_unlock(&lock);
    ok &= interrupts_enabled();
    interrupts_disable();
    spin_lock(&lock);
    spin_unlock(&lock);
    ok &= !interrupts_enabled();
    interrupts_enable();
    CHECK(ok);
}

static uint32_t go, waiting; /* atomic */

static void take_once(uint32_t index)
{
    be_on(1 + index);
    if (!comes_true_busy(atomic_get(&go)))
        return;
    /* Off already: from here to the lock nothing else can serve a call. */
    uint32_t interrupts = interrupts_save();
    atomic_add(&waiting, 1);
    spin_lock(&lock);
    spin_unlock(&lock);
    interrupts_restore(interrupts);
}

static void bump(void *word)
{
    atomic_add(word, 1);
}

SELFTEST(lock_serves_calls, "who waits for a lock answers the holder's call")
{
    uint32_t others = cpus_running() - 1;
    static uint32_t answers;
    cpu_mask before = stay_on(0);
    answers = go = waiting = 0;
    spin_init(&lock, "test", RANK_WAIT);
    bool ok = crew_start(others, take_once) && crew_is_there();
    spin_lock(&lock);
    atomic_put(&go, 1);
    while (ok && atomic_get(&waiting) < others)
        cpu_pause();
    call_cpus(cpus_online, bump, &answers);
    spin_unlock(&lock);
    ok &= crew_join();
    task_set_affinity(0, before);
    CHECK(ok && answers == others + 1);
}
