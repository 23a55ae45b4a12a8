/* SPDX-License-Identifier: MIT */
/*
 * Copy-on-write with several CPUs in one MM, as scripts: a sibling reads and
 * writes through what its TLB has while another breaks the sharing or forks,
 * held in the middle. What must never be: two tasks of one MM that see
 * different frames at one address, and a write after fork's return that the
 * child sees.
 */
#ifdef DEBUG

#include "kernel/counters.h"
#include "mm/settle.h"
#include "tests/kernel/script.h"

#define PAGE  0x00123000u
#define OTHER 0x40123000u /* in another quarter */

static struct mm *child;

static bool prepare(bool forked)
{
    child = NULL;
    script.mm = mm_create();
    bool ok = script.mm;
    ok =
        ok && map_pages(script.mm, PAGE, PAGE + 2 * PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && map_pages(script.mm, OTHER, OTHER + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(script.mm, PAGE, 1) == 0;
    return ok && (!forked || (child = mm_fork(script.mm)));
}

static void end(void)
{
    if (child)
        mm_leave(child);
    if (script.mm)
        mm_leave(script.mm);
}

/* 1. Actor 0 looks, actor 1 writes and so breaks the sharing. */
static void look_or_break(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    if (index == 1) {
        await_cue(1, 1);
        CREW_CHECK(mark_page(script.mm, PAGE, 2) == 0);
        is_done(1);
    } else {
        CREW_CHECK(see(PAGE) == 1);
        is_done(0);
        await_cue(0, 1); /* copied, the old entry still there */
        CREW_CHECK(see(PAGE) == 1 && !write_word(PAGE, 9));
        is_done(0);
        await_cue(0, 2); /* cleared: neither the old one nor the new */
        CREW_CHECK(see(PAGE) == 0 && !write_word(PAGE, 9));
        is_done(0);
        await_cue(0, 3);
        CREW_CHECK(see(PAGE) == 2 && write_word(PAGE, 3));
        is_done(0);
    }
    leave_mm();
}

SELFTEST(cow_break, "a sibling never reads the old frame when there is a new")
{
    if (!can_play("cow_break", 2))
        return;
    cpu_mask before = stay_on(0);
    bool ok = prepare(true) && play(2, look_or_break) && comes_done(0, 1);
    if (ok) {
        struct frame *old = mapped_frame(script.mm, PAGE);
        stop_arm(STOP_fault_cow, cpu_of_actor(1), NULL);
        stop_arm(STOP_fault_cow_clear, cpu_of_actor(1), NULL);
        give_cue(1);
        ok &= comes_true(stop_reached(STOP_fault_cow));
        give_cue(0);
        ok &= comes_done(0, 2);
        stop_release(STOP_fault_cow);
        ok &= comes_true(stop_reached(STOP_fault_cow_clear));
        give_cue(0);
        ok &= comes_done(0, 3);
        stop_release(STOP_fault_cow_clear);
        ok &= comes_done(1, 1);
        give_cue(0);
        ok &= comes_done(0, 4) && crew_join();
        ok &= mark_at(script.mm, PAGE) == 3 && mark_at(child, PAGE) == 1;
        ok &= mapped_frame(child, PAGE) == old && old->references == 1;
        ok &= counts_right(script.mm) && counts_right(child);
    }
    end();
    task_set_affinity(0, before);
    CHECK(ok);
}

/* 2. Both write at once; the first is held with the copy in its hand. */
static void break_too(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    await_cue(index, 1);
    CREW_CHECK(mm_fault(script.mm, PAGE, AREA_WRITE) == 0);
    CREW_CHECK(write_word(PAGE + 4 * index, 5 + index));
    is_done(index);
    await_cue(index, 2);
    CREW_CHECK(see(PAGE) == 5 && see(PAGE + 4) == 6);
    leave_mm();
}

SELFTEST(cow_both, "two that write at once get one copy")
{
    if (!can_play("cow_both", 2))
        return;
    cpu_mask before = stay_on(0);
    uint64_t copied = counter_read(COUNTER_faults_copied);
    bool ok = prepare(true) && play(2, break_too);
    if (ok) {
        stop_arm(STOP_fault_cow, cpu_of_actor(0), NULL);
        give_cue(0);
        ok &= comes_true(stop_reached(STOP_fault_cow));
        give_cue(1);
        ok &= waits(1, 1);
        stop_release(STOP_fault_cow);
        ok &= comes_done(0, 1) && comes_done(1, 1);
        give_cue(0);
        give_cue(1);
        ok &= crew_join() && mark_at(child, PAGE) == 1;
        ok &= counter_read(COUNTER_faults_copied) == copied + 1;
    }
    end();
    task_set_affinity(0, before);
    CHECK(ok);
}

/* 3. Actor 0 writes through what it has, actor 1 forks, actor 2 faults. */
static void write_or_fork(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    if (index == 0) {
        CREW_CHECK(write_word(PAGE, 2));
        is_done(0);
        await_cue(0, 1);
        /* Not flushed yet: it may work, and then both sides must have it. */
        if (write_word(PAGE, 3))
            is_done(2);
        is_done(0);
        await_cue(0, 2);
        CREW_CHECK(!write_word(PAGE, 4));
        CREW_CHECK(mark_page(script.mm, PAGE, 5) == 0 && see(PAGE) == 5);
    } else if (index == 1) {
        await_cue(1, 1);
        child = mm_fork(script.mm);
        is_done(1);
    } else {
        await_cue(2, 1);
        CREW_CHECK(mark_page(script.mm, OTHER, 7) == 0);
        is_done(2);
        await_cue(2, 2);
        CREW_CHECK(mark_page(script.mm, PAGE + PAGE_SIZE, 8) == 0);
        is_done(2);
    }
    leave_mm();
}

SELFTEST(cow_fork, "what is written after fork's return the child never sees")
{
    if (!can_play("cow_fork", 3))
        return;
    cpu_mask before = stay_on(0);
    uint64_t frames = frames_free_settled();
    bool ok = prepare(false) && play(3, write_or_fork) && comes_done(0, 1);
    if (ok) {
        stop_arm(STOP_fork_protected, cpu_of_actor(1), NULL);
        give_cue(1);
        ok &= comes_true(stop_reached(STOP_fork_protected));
        give_cue(0);
        ok &= comes_done(0, 2);
        uint32_t late = atomic_get(&script.done[2]); /* before the flush */
        /* Faults go on in another quarter, not in this one: not flushed. */
        give_cue(2);
        ok &= comes_done(2, late + 1) && atomic_get(&script.done[1]) == 0;
        give_cue(2);
        ok &= waits(2, late + 2);
        stop_release(STOP_fork_protected);
        ok &= comes_done(1, 1);
        give_cue(0);
        ok &= crew_join() && child;
        ok = ok && mark_at(child, PAGE) == (late ? 3 : 2);
        ok = ok && mark_at(script.mm, PAGE) == 5;
        ok = ok && mark_at(child, OTHER) == 7 && counts_right(child);
        ok = ok && mapped_frame(child, PAGE)->references == 1;
        ok = ok && mapped_frame(child, OTHER)->references == 2;
    }
    end();
    ok &= frames_free_settled() == frames;
    task_set_affinity(0, before);
    CHECK(ok);
}

#endif
