/* SPDX-License-Identifier: MIT */
/*
 * Flushes raced with switches and with each other, as scripts: a CPU is held in
 * every gap of a switch to an MM or away from it while another unmaps a page of
 * it (CVE-2016-2069 and CVE-2025-37964 lived there), and one of two flushes is
 * held at each step while the other goes on.
 *
 * What a held CPU reads stands for what its walker may fill in on its own.
 */
#ifdef DEBUG

#include "machine/cpu.h"
#include "mm/tlb.h"
#include "tests/kernel/script.h"

#define PAGE_P 0x00123000u
#define PAGE_Q 0x40123000u /* of another quarter: of another lock */

static struct {
    enum stop_point point;
    bool leaves; /* the switch is away from the MM */
    struct mm *other;
    uint32_t seen; /* before the switch */
} gap;

static void read_p(void)
{
    gap.seen = see(PAGE_P);
}

static void read_q(void)
{
    (void)see(PAGE_Q);
}

/* Actor 0 switches, actor 1 unmaps. */
static void switch_or_unmap(uint32_t index)
{
    be_on(index + 1);
    if (index == 1) {
        await_cue(1, 1);
        CREW_CHECK(unmap_pages(script.mm, PAGE_P, PAGE_P + PAGE_SIZE) == 0);
        is_done(1);
        return;
    }
    mm_activate(gap.leaves ? script.mm : gap.other);
    if (gap.leaves)
        CREW_CHECK(see(PAGE_P) == 1);
    is_done(0); /* that switch is not to be held */
    await_cue(0, 1);
    mm_activate(gap.leaves ? gap.other : script.mm);
    is_done(0);
    await_cue(0, 2);
    CREW_CHECK(see(PAGE_P) == 0);
    mm_activate(NULL);
}

/*
 * While the switch is held the unmap must not return: in each of these gaps the
 * CPU may have the page in its TLB, and it answers nothing.
 */
static bool in_gap(enum stop_point point, bool leaves)
{
    gap.point = point;
    gap.leaves = leaves;
    gap.seen = 0;
    script.mm = mm_create();
    gap.other = mm_create();
    bool ok = script.mm && gap.other;
    ok =
        ok && map_pages(script.mm, PAGE_P, PAGE_P + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(script.mm, PAGE_P, 1) == 0;
    ok = ok && play(2, switch_or_unmap) && comes_done(0, 1);
    if (ok) {
        bool filled = leaves == (point == STOP_mm_announced);
        stop_arm(point, cpu_of_actor(0), read_p);
        give_cue(0);
        ok &= comes_true(stop_reached(point));
        ok &= gap.seen == filled;
        give_cue(1);
        ok &= waits(1, 1);
        stop_release(point);
        ok &= comes_done(1, 1) && comes_done(0, 2);
        give_cue(0);
        ok &= crew_join() && script.mm->cpus == 0;
    }
    if (script.mm)
        mm_leave(script.mm);
    if (gap.other)
        mm_leave(gap.other);
    return ok;
}

SELFTEST(stop_switch, "an unmap in any gap of a switch leaves nothing stale")
{
    if (!can_play("stop_switch", 2))
        return;
    cpu_mask before = stay_on(0);
    bool ok = in_gap(STOP_mm_announced, false);
    ok &= in_gap(STOP_mm_loaded, false);
    ok &= in_gap(STOP_mm_announced, true);
    ok &= in_gap(STOP_mm_loaded, true);
    task_set_affinity(0, before);
    CHECK(ok);
}

/* Actor 0 has both pages in its TLB; 1 unmaps P, 2 writes Q, which it copies.
 */
static void flush_or_look(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    if (index == 0) {
        CREW_CHECK(see(PAGE_P) == 1 && see(PAGE_Q) == 2);
        is_done(0);
        await_cue(0, 1);
        CREW_CHECK(see(PAGE_P) == 0);
        CREW_CHECK(see(PAGE_Q) == 3);
    } else {
        await_cue(index, 1);
        if (index == 1)
            CREW_CHECK(unmap_pages(script.mm, PAGE_P, PAGE_P + PAGE_SIZE) == 0);
        else
            CREW_CHECK(mark_page(script.mm, PAGE_Q, 3) == 0);
        is_done(index);
    }
    leave_mm();
}

/*
 * Hold one CPU of the first flush, let the second one come; whether it may
 * return meanwhile depends on who is held.
 */
static bool two_flushes(enum stop_point point, uint32_t held, bool second_waits)
{
    script.mm = mm_create();
    bool ok = script.mm;
    ok =
        ok && map_pages(script.mm, PAGE_P, PAGE_P + PAGE_SIZE, AREA_WRITE) == 0;
    ok =
        ok && map_pages(script.mm, PAGE_Q, PAGE_Q + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(script.mm, PAGE_P, 1) == 0;
    ok = ok && mark_page(script.mm, PAGE_Q, 2) == 0;
    struct mm *child = ok ? mm_fork(script.mm) : NULL;
    ok = child && play(3, flush_or_look) && comes_done(0, 1);
    if (ok) {
        stop_arm(point, cpu_of_actor(held), read_q);
        give_cue(1);
        ok &= comes_true(stop_reached(point));
        give_cue(2);
        ok &= second_waits ? waits(2, 1) : comes_done(2, 1);
        ok &= waits(1, 1);
        stop_release(point);
        ok &= comes_done(1, 1) && comes_done(2, 1);
        give_cue(0);
        ok &= crew_join() && mark_at(child, PAGE_Q) == 2;
    }
    if (child)
        mm_leave(child);
    if (script.mm)
        mm_leave(script.mm);
    return ok;
}

SELFTEST(stop_flushes, "two flushes at once are both done, whichever is slow")
{
    if (!can_play("stop_flushes", 3))
        return;
    cpu_mask before = stay_on(0);
    /* The first has counted its generation and is overtaken. */
    bool ok = two_flushes(STOP_tlb_counted, 1, false);
    /* A CPU that both want is slow, before its flush or after it. */
    ok &= two_flushes(STOP_tlb_asked, 0, true);
    ok &= two_flushes(STOP_tlb_flushed, 0, true);
    /* The second's own CPU is the one that the first waits for. */
    ok &= two_flushes(STOP_tlb_asked, 2, true);
    task_set_affinity(0, before);
    CHECK(ok);
}

/* What was taken out of PAGE_Q and counted, but not flushed yet. */
static uint32_t counted;

/* Actor 0 has both pages in its TLB; 1 unmaps P; 2 has Q flushed. */
static void flush_or_rely(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    if (index == 0) {
        CREW_CHECK(see(PAGE_P) == 1 && see(PAGE_Q) == 2);
        is_done(0);
        await_cue(0, 1);
        CREW_CHECK(see(PAGE_P) == 0 && see(PAGE_Q) == 0);
    } else {
        await_cue(index, 1);
        if (index == 1)
            CREW_CHECK(unmap_pages(script.mm, PAGE_P, PAGE_P + PAGE_SIZE) == 0);
        else
            tlb_flush_counted(script.mm, PAGE_Q, PAGE_Q + PAGE_SIZE, counted);
        is_done(index);
    }
    leave_mm();
}

/*
 * A CPU in the middle of a flush of everything: who relies on what CPUs say of
 * themselves must not take it for done. When it says so, nobody asks it again.
 */
SELFTEST(stop_says, "a CPU says that it has flushed only when it has")
{
    if (!can_play("stop_says", 3))
        return;
    cpu_mask before = stay_on(0);
    script.mm = mm_create();
    bool ok = script.mm;
    ok =
        ok && map_pages(script.mm, PAGE_P, PAGE_P + PAGE_SIZE, AREA_WRITE) == 0;
    ok =
        ok && map_pages(script.mm, PAGE_Q, PAGE_Q + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(script.mm, PAGE_P, 1) == 0;
    ok = ok && mark_page(script.mm, PAGE_Q, 2) == 0;
    ok = ok && play(3, flush_or_rely) && comes_done(0, 1);
    if (ok) {
        /* No lock: nobody else changes that page. */
        struct frame *frame = page_remove(&script.mm->tables, PAGE_Q).frame;
        script.mm->quarter[1]->pages--;
        counted = tlb_count_flush(script.mm);
        stop_arm(STOP_tlb_dropped, cpu_of_actor(0), NULL);
        give_cue(1);
        ok &= comes_true(stop_reached(STOP_tlb_dropped));
        give_cue(2);
        ok &= waits(2, 1) && waits(1, 1);
        stop_release(STOP_tlb_dropped);
        ok &= comes_done(1, 1) && comes_done(2, 1);
        give_cue(0);
        ok &= crew_join();
        frame_put(frame);
    }
    if (script.mm)
        mm_leave(script.mm);
    task_set_affinity(0, before);
    CHECK(ok);
}

#endif
