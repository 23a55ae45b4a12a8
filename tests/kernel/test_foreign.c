/* SPDX-License-Identifier: MIT */
/*
 * Reaching into another MM: a page of its stays its page until the copy is
 * over, and bears the marks of the access; who has no MM, or whose MM nobody
 * uses any more, is not reached into. What programs see is tested in
 * tests/linux/vm_copy*.c.
 */
#ifdef DEBUG

#include "kernel/task_table.h"
#include "mm/foreign.h"
#include "mm/settle.h"
#include "tests/kernel/script.h"

#define PAGE 0x00123000u

static struct mm *other;

static bool prepare(void)
{
    script.mm = mm_create();
    other = mm_create();
    bool ok = script.mm && other;
    ok = ok && !map_pages(script.mm, PAGE, PAGE + PAGE_SIZE, AREA_WRITE);
    ok =
        ok && !map_pages(other, PAGE, PAGE + PAGE_SIZE, AREA_READ | AREA_WRITE);
    return ok && !mark_page(other, PAGE, 1);
}

static void end(void)
{
    if (script.mm)
        mm_leave(script.mm);
    if (other)
        mm_leave(other);
}

static uint32_t touched(void)
{
    return page_lookup(&other->tables, PAGE).flags & (MAP_ACCESSED | MAP_DIRTY);
}

/* Actor 0 copies there and back, actor 1 takes the page away. */
static void copy_or_unmap(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    await_cue(index, 1);
    if (index == 1) {
        CREW_CHECK(unmap_pages(other, PAGE, PAGE + PAGE_SIZE) == 0);
    } else {
        CREW_CHECK(mapped_frame(script.mm, PAGE) == NULL);
        CREW_CHECK(mm_copy(other, PAGE, PAGE, 4, false) == 4);
        CREW_CHECK(see(PAGE) == 1 && touched() == MAP_ACCESSED);
        CREW_CHECK(write_word(PAGE, 2));
        is_done(0);
        await_cue(0, 2);
        CREW_CHECK(mm_copy(other, PAGE, PAGE, 4, true) == 4);
    }
    is_done(index);
    leave_mm();
}

SELFTEST(foreign_held, "a page that is copied from outside is not taken away")
{
    if (!can_play("foreign_held", 2))
        return;
    cpu_mask before = stay_on(0);
    uint64_t frames = frames_free_settled();
    bool ok = prepare() && play(2, copy_or_unmap);
    if (ok) {
        struct frame *frame = mapped_frame(other, PAGE);
        ok &= touched() == 0;
        give_cue(0);
        ok &= comes_done(0, 1);
        frame_get(frame);
        stop_arm(STOP_foreign_mapped, cpu_of_actor(0), NULL);
        give_cue(0);
        ok &= comes_true(stop_reached(STOP_foreign_mapped));
        ok &= touched() == (MAP_ACCESSED | MAP_DIRTY);
        give_cue(1);
        ok &= waits(1, 1);
        ok &= mark_at(other, PAGE) == 1;
        stop_release(STOP_foreign_mapped);
        ok &= comes_done(0, 2) && comes_done(1, 1) && crew_join();
        ok &= !mapped_frame(other, PAGE) && frame->references == 1;
        uint32_t *word = kmap(frame);
        ok &= *word == 2;
        kunmap(word);
        frame_put(frame);
    }
    end();
    ok &= frames_free_settled() == frames;
    task_set_affinity(0, before);
    CHECK(ok);
}

SELFTEST(foreign_unused, "an MM that nobody uses is not reached into")
{
    struct mm *mm = mm_create();
    CHECK(mm && mm_get_if_used(mm));
    mm_hold(mm); /* as a task that has left would */
    mm_leave(mm);
    bool used = mm_get_if_used(mm);
    mm_leave(mm);
    mm_leave(mm);
    CHECK(used && !mm_get_if_used(mm) && !mm_get_if_used(mm));
    mm_release(mm);
    CHECK(task_mm(0) == NULL && task_mm(~0u) == NULL);
    spin_lock(&tasks_lock);
    uint32_t kernel_thread = main_task->tid;
    spin_unlock(&tasks_lock);
    CHECK(task_mm(kernel_thread) == NULL);
}

#endif
