/* SPDX-License-Identifier: MIT */
/*
 * Races of tasks as scripts: a task is placed on a CPU that it may no longer
 * use, a futex's waiter is woken before it sleeps, a stack grows into room that
 * was just found for something else.
 */
#ifdef DEBUG

#include "kernel/abi/linux_thread.h"
#include "kernel/futex.h"
#include "tests/kernel/script.h"

#define PAGE 0x00123000u

/* 1. Actor 0 sleeps, actor 1 wakes it and is held with a CPU chosen for it. */
static struct wait_queue queue = WAIT_QUEUE("script");
static uint32_t awake, ran_on;

static void sleep_or_wake(uint32_t index)
{
    be_on(index + 1);
    if (index == 0) {
        wait_until(&queue, atomic_get(&awake));
        atomic_put(&ran_on, this_cpu()->bit);
    } else {
        await_cue(1, 1);
        atomic_put(&awake, 1);
        wait_wake(&queue, 1);
    }
    is_done(index);
}

static bool is_asleep(void)
{
    spin_lock(&queue.lock);
    bool asleep = queue.first;
    spin_unlock(&queue.lock);
    return asleep && cpus[nth_cpu(1)]->current == cpus[nth_cpu(1)]->idle;
}

SELFTEST(race_place, "a task that is being placed follows a new affinity")
{
    if (!can_play("race_place", 2))
        return;
    cpu_mask before = stay_on(0);
    awake = ran_on = 0;
    bool ok = play(2, sleep_or_wake) && comes_true(is_asleep());
    if (ok) {
        uint32_t sleeper = crew.tid[0];
        /* Asleep it stays where it is; when woken it is to come here. */
        ok &= task_set_affinity(sleeper, this_cpu()->bit) == 0;
        stop_arm(STOP_place_chosen, cpu_of_actor(1), NULL);
        give_cue(1);
        ok &= comes_true(stop_reached(STOP_place_chosen));
        /* But it must not come here any more. */
        ok &= task_set_affinity(sleeper, cpu_of_actor(0)) == 0;
        stop_release(STOP_place_chosen);
        ok &= comes_done(0, 1) && comes_done(1, 1) && crew_join();
        ok &= ran_on == cpu_of_actor(0);
    }
    task_set_affinity(0, before);
    CHECK(ok);
}

/* 2. Actor 0 waits for a word and is held in the queue, before it sleeps. */
static struct {
    uint64_t deadline; /* of the wait; 0: none */
    int result;
} waiter;

static void wait_for_word(uint32_t index)
{
    const struct futex_call call = {.word = PAGE, .value = 1};
    be_on(index + 1);
    enter_mm();
    if (index == 0) {
        await_cue(0, 1);
        waiter.result = futex_wait(&call, ~0u, waiter.deadline);
        is_done(0);
    } else {
        await_cue(1, 1);
        CREW_CHECK(write_word(PAGE, 2));
        CREW_CHECK(futex_wake(&call, ~0u) == 1 || waiter.deadline);
        CREW_CHECK(futex_wake(&call, ~0u) == 0);
        is_done(1);
    }
    leave_mm();
}

#define WAIT_NS 200000000u /* far enough: the wait begins before it is over */

static bool wait_held(uint64_t ns, bool wake, int result)
{
    script.mm = mm_create();
    bool ok = script.mm;
    ok = ok && map_pages(script.mm, PAGE, PAGE + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(script.mm, PAGE, 1) == 0;
    ok = ok && play(2, wait_for_word);
    if (ok) {
        waiter.deadline = ns ? clock_ns() + ns : 0;
        stop_arm(STOP_futex_queued, cpu_of_actor(0), NULL);
        give_cue(0);
        ok &= comes_true(stop_reached(STOP_futex_queued));
        if (wake)
            give_cue(1);
        ok &= !wake || comes_done(1, 1);
        if (ns)
            time_sleep_until(waiter.deadline); /* it passes while held */
        ok &= waits(0, 1);
        stop_release(STOP_futex_queued);
        ok &= comes_done(0, 1) && waiter.result == result;
        if (!wake)
            give_cue(1);
        ok &= crew_join();
    }
    if (script.mm)
        mm_leave(script.mm);
    return ok;
}

SELFTEST(race_futex, "a wake-up or a deadline before the sleep is not lost")
{
    if (!can_play("race_futex", 2))
        return;
    cpu_mask before = stay_on(0);
    bool ok = wait_held(0, true, 0);
    ok &= wait_held(WAIT_NS, false, -ETIMEDOUT);
    ok &= wait_held(WAIT_NS, true, 0); /* both: the wake-up came first */
    task_set_affinity(0, before);
    CHECK(ok);
}

/* 3. Actor 0 maps the page below a stack, actor 1 lets the stack grow there. */
static void map_or_grow(uint32_t index)
{
    const struct area like = {.flags = AREA_READ};
    be_on(index + 1);
    await_cue(index, 1);
    if (index == 0)
        CREW_CHECK(mm_map(script.mm, PAGE, PAGE_SIZE, MAP_IF_FREE, &like) ==
                   (int32_t)PAGE);
    else /* what lies there now may not be written */
        CREW_CHECK(mm_fault(script.mm, PAGE, AREA_WRITE) == -EACCES);
    is_done(index);
}

SELFTEST(race_stack, "a stack does not grow into what is being mapped")
{
    if (!can_play("race_stack", 2))
        return;
    cpu_mask before = stay_on(0);
    script.mm = mm_create();
    bool ok = script.mm;
    ok = ok && map_pages(script.mm, PAGE + PAGE_SIZE, PAGE + 2 * PAGE_SIZE,
                         AREA_WRITE | AREA_STACK) == 0;
    ok = ok && play(2, map_or_grow);
    if (ok) {
        stop_arm(STOP_map_placed, cpu_of_actor(0), NULL);
        give_cue(0);
        ok &= comes_true(stop_reached(STOP_map_placed));
        give_cue(1);
        ok &= waits(1, 1);
        stop_release(STOP_map_placed);
        ok &= comes_done(0, 1) && comes_done(1, 1) && crew_join();
        ok &= counts_right(script.mm) && script.mm->pages == 2;
    }
    if (script.mm)
        mm_leave(script.mm);
    task_set_affinity(0, before);
    CHECK(ok);
}

#endif
