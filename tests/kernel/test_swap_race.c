/* SPDX-License-Identifier: MIT */
/*
 * Page-out against a sibling that writes, a fault and an unmap, and two faults
 * on one slot, as scripts. What must never be: a store that a CPU could still
 * do and that is not in the page when it comes back; a page that is written
 * while somebody changes it; two frames for one shared page.
 */
#ifdef DEBUG

#include "mm/object.h"
#include "mm/settle.h"
#include "tests/kernel/script.h"
#include "tests/kernel/swapping.h"

#define PAGE 0x00123000u
#define WAY  0x00200000u /* others, in the same quarter */

static struct mm *child;
static uint32_t slots;

static bool prepare(bool forked)
{
    child = NULL;
    slots = swap_free();
    script.mm = mm_create();
    bool ok = script.mm;
    ok = ok && map_pages(script.mm, PAGE, PAGE + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(script.mm, PAGE, 1) == 0;
    return ok && (!forked || (child = mm_fork(script.mm)));
}

static bool end(void)
{
    if (child)
        mm_leave(child);
    if (script.mm)
        mm_leave(script.mm);
    return swap_free() == slots;
}

/* 1. Actor 0 has the page in its TLB, actor 1 pages it out. */
static void write_or_page_out(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    if (index == 1) {
        await_cue(1, 1);
        page_out(script.mm, true);
        is_done(1);
    } else {
        CREW_CHECK(write_word(PAGE, 2));
        is_done(0);
        await_cue(0, 1);
        /* Not flushed yet: it may work, and then it must not be lost. */
        if (write_word(PAGE, 3))
            is_done(2);
        is_done(0);
        await_cue(0, 2);
        CREW_CHECK(see(PAGE) == 0 && !write_word(PAGE, 4));
        CREW_CHECK(mm_fault(script.mm, PAGE, AREA_WRITE) == 0);
        is_done(0);
        CREW_CHECK(see(PAGE) == (atomic_get(&script.done[2]) ? 3 : 2));
    }
    leave_mm();
}

SELFTEST(swap_flush, "a store before page-out's flush is in what it writes")
{
    NEEDS_SWAP();
    if (!can_play("swap_flush", 2))
        return;
    cpu_mask before = stay_on(0);
    bool ok = prepare(false) && play(2, write_or_page_out) && comes_done(0, 1);
    if (ok) {
        stop_arm(STOP_pageout_taken, cpu_of_actor(1), NULL);
        give_cue(1);
        ok &= comes_true(stop_reached(STOP_pageout_taken));
        ok &= is_out(script.mm, PAGE);
        give_cue(0);
        ok &= comes_done(0, 2);
        stop_release(STOP_pageout_taken);
        ok &= comes_done(1, 1);
        give_cue(0);
        ok &= comes_done(0, 3) && crew_join();
        ok &= counts_right(script.mm);
    }
    ok &= end();
    task_set_affinity(0, before);
    CHECK(ok);
}

/* 2. Actor 0 pages out; the director is faster in the middle of the write. */
static void only_page_out(uint32_t index)
{
    be_on(index + 1);
    await_cue(0, 1);
    page_out(script.mm, true);
    if (child)
        page_out(child, true);
}

static bool hold_write(bool forked)
{
    bool ok = prepare(forked) && play(1, only_page_out);
    stop_arm(STOP_swap_write, cpu_of_actor(0), NULL);
    give_cue(0);
    return ok && comes_true(stop_reached(STOP_swap_write));
}

SELFTEST(swap_fault, "a fault finds a page that is being written in memory")
{
    NEEDS_SWAP();
    if (!can_play("swap_fault", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = hold_write(true);
    ok = ok && mm_fault(script.mm, PAGE, 0) == 0;
    ok = ok && mark_at(script.mm, PAGE) == 1;
    stop_release(STOP_swap_write);
    ok &= crew_join();
    /* It stays, for the other one, too; and a write copies. */
    ok = ok && mm_fault(child, PAGE, 0) == 0;
    ok = ok && mapped_frame(child, PAGE) == mapped_frame(script.mm, PAGE);
    ok = ok && mapped_frame(child, PAGE)->references == 2;
    ok = ok && mark_page(script.mm, PAGE, 2) == 0 && mark_at(child, PAGE) == 1;
    ok &= end();
    task_set_affinity(0, before);
    CHECK(ok);
}

SELFTEST(swap_unmap, "a page can be unmapped while it is written")
{
    NEEDS_SWAP();
    if (!can_play("swap_unmap", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = hold_write(false);
    ok = ok && unmap_pages(script.mm, PAGE, PAGE + PAGE_SIZE) == 0;
    ok = ok && swap_free() == slots - 1; /* the writer's */
    stop_release(STOP_swap_write);
    ok &= crew_join() && swap_free() == slots;
    ok &= end();
    task_set_affinity(0, before);
    CHECK(ok);
}

SELFTEST(swap_object_fault, "an object's page that comes back is the object's")
{
    NEEDS_SWAP();
    if (!can_play("swap_object_fault", 1))
        return;
    cpu_mask before = stay_on(0);
    struct object *object = object_create(PAGE_SIZE);
    struct area like = {.flags = AREA_READ | AREA_WRITE | AREA_SHARED,
                        .object = object};
    bool ok = object && prepare(false);
    ok = ok && mm_map(script.mm, PAGE, PAGE_SIZE, MAP_FIXED, &like) > 0;
    ok = ok && mark_page(script.mm, PAGE, 5) == 0 && play(1, only_page_out);
    stop_arm(STOP_swap_write, cpu_of_actor(0), NULL);
    give_cue(0);
    ok = ok && comes_true(stop_reached(STOP_swap_write));
    ok = ok && mm_fault(script.mm, PAGE, 0) == 0;
    stop_release(STOP_swap_write);
    ok &= crew_join() && mark_at(script.mm, PAGE) == 5;
    ok = ok && mapped_frame(script.mm, PAGE)->owner == object;
    ok &= end();
    if (object)
        object_put(object);
    task_set_affinity(0, before);
    CHECK(ok);
}

/* 3. Actor 0 reads the page back for the parent; so does the director. */
static void only_fault(uint32_t index)
{
    be_on(index + 1);
    await_cue(0, 1);
    CREW_CHECK(mm_fault(script.mm, PAGE, 0) == 0);
}

SELFTEST(swap_both, "two that read a shared page back get one frame")
{
    NEEDS_SWAP();
    if (!can_play("swap_both", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = prepare(true) && play(1, only_fault);
    if (ok) {
        page_out(script.mm, true);
        page_out(child, true);
        ok &= is_out(script.mm, PAGE) && is_out(child, PAGE);
        stop_arm(STOP_swap_read, cpu_of_actor(0), NULL);
        give_cue(0);
        ok &= comes_true(stop_reached(STOP_swap_read));
        ok &= mm_fault(child, PAGE, 0) == 0 && mark_at(child, PAGE) == 1;
        stop_release(STOP_swap_read);
        ok &= crew_join();
        struct frame *frame = mapped_frame(child, PAGE);
        ok &= mapped_frame(script.mm, PAGE) == frame && frame->references == 2;
        ok &= swap_free() == slots;
    }
    ok &= end();
    task_set_affinity(0, before);
    CHECK(ok);
}

/* 4. Actor 0 keeps the quarter that has all the pages, for a while. */
#define PAGES 256

static void only_hold(uint32_t index) UNCHECKED_LOCKING
{
    struct mutex *lock = &script.mm->quarter[0]->lock;
    be_on(index + 1);
    mutex_lock(lock);
    is_done(0);
    await_cue(0, 1);
    time_sleep_until(clock_ns() + 20000000);
    mutex_unlock(lock);
}

/* All frames there are, in a list. */
static void take_frames(struct frame **list)
{
    struct frame *frame;
    while ((frame = frame_alloc(FRAME_ANY))) {
        frame->next = *list;
        *list = frame;
    }
}

static void give_frames(struct frame *list)
{
    while (list) {
        struct frame *frame = list;
        list = frame->next;
        frame_put(frame);
    }
}

/* The script's MM with pages that the pageout thread may take. */
static bool fill_mm(void)
{
    bool ok = prepare(false);
    ok = ok &&
         map_pages(script.mm, WAY, WAY + PAGES * PAGE_SIZE, AREA_WRITE) == 0;
    for (uint32_t i = 0; ok && i < PAGES; i++)
        ok = mark_page(script.mm, WAY + i * PAGE_SIZE, i + 1) == 0;
    ok = ok && map_pages(script.mm, PAGE + PAGE_SIZE, PAGE + 2 * PAGE_SIZE,
                         AREA_WRITE) == 0;
    if (ok)
        mm_set_runs(script.mm);
    return ok;
}

SELFTEST(swap_locked, "memory is not out while an MM with pages is locked")
{
    NEEDS_SWAP();
    if (!can_play("swap_locked", 1))
        return;
    cpu_mask before = stay_on(0);
    struct frame *list = NULL;
    struct mm *own = task_mm(1); /* the program that runs the tests */
    bool ok = fill_mm();
    (void)mm_set_locked(own, 0, USER_END, true);
    ok = ok && play(1, only_hold) && comes_done(0, 1);
    if (ok) {
        take_frames(&list);
        give_cue(0);
        ok = pageout_relieve();
    }
    give_frames(list);
    ok &= crew_join() && is_out(script.mm, WAY);
    ok &= end();
    (void)mm_set_locked(own, 0, USER_END, false);
    mm_leave(own);
    task_set_affinity(0, before);
    CHECK(ok);
}

SELFTEST(swap_killed, "a task that is to end still gets what page-out frees")
{
    NEEDS_SWAP();
    struct task *self = current_task();
    struct mm *own = task_mm(1);
    struct frame *list = NULL;
    bool ok = fill_mm();
    (void)mm_set_locked(own, 0, USER_END, true);
    if (ok) {
        take_frames(&list);
        __atomic_fetch_or(&self->attention, ATTENTION_KILLED, __ATOMIC_SEQ_CST);
        ok = mm_fault(script.mm, PAGE + PAGE_SIZE, AREA_WRITE) == 0;
        __atomic_fetch_and(&self->attention, ~ATTENTION_KILLED,
                           __ATOMIC_SEQ_CST);
    }
    give_frames(list);
    ok &= end();
    (void)mm_set_locked(own, 0, USER_END, false);
    mm_leave(own);
    CHECK(ok);
}

#endif
