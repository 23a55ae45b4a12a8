/* SPDX-License-Identifier: MIT */
/*
 * Page-out, a page at a time: what goes out comes back, what is shared stays
 * shared, and slots are counted right. These MMs have no task, so only the
 * tests' own rounds look at them. They need swap=; races are in
 * test_swap_race.c.
 */
#include "mm/object.h"
#include "tests/kernel/mapping.h"
#include "tests/kernel/selftest.h"
#include "tests/kernel/swapping.h"

#define PAGE 0x00123000u
#define WAY  0x40000000u /* to another quarter */

SELFTEST(swap_one, "a page goes out when it rests, and comes back as it was")
{
    NEEDS_SWAP();
    struct mm *mm = mm_create();
    CHECK(mm);
    uint32_t slots = swap_free();
    bool ok = map_pages(mm, PAGE, PAGE + 4 * PAGE_SIZE, AREA_WRITE) == 0;
    for (uint32_t i = 0; i < 3; i++)
        ok &= mark_page(mm, PAGE + i * PAGE_SIZE, 1 + i) == 0;
    page_out(mm, false);
    ok &= is_out(mm, PAGE) && is_out(mm, PAGE + 2 * PAGE_SIZE);
    ok &= swap_free() == slots - 3 && counts_right(mm);
    for (uint32_t i = 0; i < 3; i++)
        ok &= mm_fault(mm, PAGE + i * PAGE_SIZE, 0) == 0 &&
              mark_at(mm, PAGE + i * PAGE_SIZE) == 1 + i;
    ok &= swap_free() == slots && counts_right(mm);
    ok &= (page_lookup(&mm->tables, PAGE).flags & MAP_WRITE) != 0;
    page_out(mm, false); /* they came back accessed: a second chance */
    ok &= !is_out(mm, PAGE) && swap_free() == slots;
    page_out(mm, false);
    ok &= is_out(mm, PAGE) && swap_free() == slots - 3;
    ok &= mm_fault(mm, PAGE, 0) == 0;
    ok &= mm_set_locked(mm, PAGE, PAGE_SIZE, true) == 0;
    page_out(mm, true);
    ok &= !is_out(mm, PAGE) && mm->quarter[0]->area_count == 2;
    ok &= mm_set_locked(mm, PAGE, PAGE_SIZE, false) == 0;
    page_out(mm, true); /* no chance */
    ok &= is_out(mm, PAGE) && swap_free() == slots - 3;
    mm_leave(mm);
    ok &= swap_free() == slots;
    CHECK(ok);
}

SELFTEST(swap_changes, "a page that is out is moved, protected and unmapped")
{
    NEEDS_SWAP();
    struct mm *mm = mm_create();
    CHECK(mm);
    uint32_t slots = swap_free();
    bool ok = map_pages(mm, PAGE, PAGE + 2 * PAGE_SIZE, AREA_WRITE) == 0;
    ok &= mark_page(mm, PAGE, 1) == 0;
    ok &= mark_page(mm, PAGE + PAGE_SIZE, 2) == 0;
    page_out(mm, false);
    ok &= mm_protect(mm, PAGE, 2 * PAGE_SIZE, AREA_READ) == 0;
    ok &= mm_remap(mm, PAGE, 2 * PAGE_SIZE, 2 * PAGE_SIZE, 3, PAGE + WAY) ==
          (int32_t)(PAGE + WAY);
    ok &= is_out(mm, PAGE + WAY) && swap_free() == slots - 2;
    uint8_t present[2];
    ok &=
        mm_covered(mm, PAGE + WAY, 2 * PAGE_SIZE, present) == 0 && !present[0];
    ok &= mm_fault(mm, PAGE + WAY, AREA_WRITE) == -EACCES;
    ok &= mm_fault(mm, PAGE + WAY, 0) == 0 && mark_at(mm, PAGE + WAY) == 1;
    ok &= !(page_lookup(&mm->tables, PAGE + WAY).flags & MAP_WRITE);
    ok &= counts_right(mm) && swap_free() == slots - 1;
    ok &= unmap_pages(mm, PAGE + WAY, PAGE + WAY + 2 * PAGE_SIZE) == 0;
    ok &= counts_right(mm) && swap_free() == slots;
    mm_leave(mm);
    CHECK(ok);
}

SELFTEST(swap_fork, "what parent and child share goes out once, and is shared")
{
    NEEDS_SWAP();
    struct mm *mm = mm_create(), *child = NULL, *third = NULL;
    CHECK(mm);
    uint32_t slots = swap_free();
    bool ok = map_pages(mm, PAGE, PAGE + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(mm, PAGE, 7) == 0 && (child = mm_fork(mm));
    if (ok) {
        struct frame *frame = mapped_frame(mm, PAGE);
        page_out(mm, false);
        ok &= is_out(mm, PAGE) && mapped_frame(child, PAGE) == frame;
        ok &= frame->references == 2 && swap_free() == slots - 1;
        page_out(child, false);
        ok &= is_out(child, PAGE) && swap_free() == slots - 1;
        ok &= page_lookup(&mm->tables, PAGE).frame ==
              page_lookup(&child->tables, PAGE).frame;
        third = mm_fork(mm);
        ok = ok && third && is_out(third, PAGE) && swap_free() == slots - 1;
    }
    if (ok) {
        ok &= mm_fault(mm, PAGE, 0) == 0 && mark_at(mm, PAGE) == 7;
        ok &= mm_fault(child, PAGE, 0) == 0;
        struct frame *frame = mapped_frame(mm, PAGE);
        ok &= mapped_frame(child, PAGE) == frame && frame->references == 3;
        ok &= mark_page(child, PAGE, 8) == 0 && mark_at(mm, PAGE) == 7;
        ok &= mark_page(mm, PAGE, 9) == 0 && mm_fault(third, PAGE, 0) == 0;
        ok &= mark_at(third, PAGE) == 7 && mark_at(child, PAGE) == 8;
        ok &= swap_free() == slots && counts_right(third);
    }
    if (third)
        mm_leave(third);
    if (child)
        mm_leave(child);
    mm_leave(mm);
    ok &= swap_free() == slots;
    CHECK(ok);
}

SELFTEST(swap_left, "a frame with a slot that nobody maps any more is found")
{
    NEEDS_SWAP();
    struct mm *mm = mm_create(), *child = NULL;
    CHECK(mm);
    uint32_t slots = swap_free();
    bool ok = map_pages(mm, PAGE, PAGE + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(mm, PAGE, 7) == 0 && (child = mm_fork(mm));
    if (ok) {
        struct frame *frame = mapped_frame(mm, PAGE);
        page_out(mm, false);
        mm_leave(child);
        ok &= frame->references == 1 && swap_out_all() == 1;
        ok &= mm_fault(mm, PAGE, AREA_WRITE) == 0 && mark_at(mm, PAGE) == 7;
    }
    mm_leave(mm);
    CHECK(ok && swap_free() == slots);
}

SELFTEST(swap_object,
         "what MMs share by an object goes out when nobody maps it")
{
    NEEDS_SWAP();
    struct mm *mm = mm_create(), *other = mm_create();
    struct object *object = object_create(4 * PAGE_SIZE);
    uint32_t slots = swap_free();
    struct area like = {.flags = AREA_READ | AREA_WRITE | AREA_SHARED,
                        .object = object};
    bool ok = mm && other && object;
    ok = ok && mm_map(mm, PAGE, 4 * PAGE_SIZE, MAP_FIXED, &like) > 0;
    ok = ok && mm_map(other, PAGE, 4 * PAGE_SIZE, MAP_FIXED, &like) > 0;
    if (ok) {
        ok &= mark_page(mm, PAGE, 5) == 0 && mm_fault(other, PAGE, 0) == 0;
        page_out(mm, false);
        ok &= !mapped_frame(mm, PAGE) && object_has_page(object, 0);
        page_out(other, false);
        ok &= !mapped_frame(other, PAGE) && !object_has_page(object, 0);
        ok &= swap_free() == slots - 1 && counts_right(mm);
        ok &= mm_fault(other, PAGE, AREA_WRITE) == 0;
        ok &= mm_fault(mm, PAGE, 0) == 0 && mark_at(mm, PAGE) == 5;
        ok &= mapped_frame(mm, PAGE) == mapped_frame(other, PAGE);
        ok &= swap_free() == slots;
        page_out(mm, true);
        page_out(other, true);
        ok &= swap_free() == slots - 1;
    }
    if (mm)
        mm_leave(mm);
    if (other)
        mm_leave(other);
    if (object)
        object_put(object);
    CHECK(ok && swap_free() == slots);
}

SELFTEST(swap_object_large, "one look takes out all pages that an object has")
{
    NEEDS_SWAP();
    const uint32_t pages = 3 * PAGEOUT_BATCH + 1;
    struct mm *mm = mm_create();
    struct object *object = object_create(pages * PAGE_SIZE);
    uint32_t slots = swap_free();
    struct area like = {.flags = AREA_READ | AREA_WRITE | AREA_SHARED,
                        .object = object};
    bool ok = mm && object;
    ok = ok && mm_map(mm, PAGE, pages * PAGE_SIZE, MAP_FIXED, &like) > 0;
    for (uint32_t i = 0; ok && i < pages; i++)
        ok = mark_page(mm, PAGE + i * PAGE_SIZE, i + 1) == 0;
    if (ok)
        page_out(mm, true);
    ok = ok && swap_free() == slots - pages;
    for (uint32_t i = 0; ok && i < pages; i++)
        ok = mm_fault(mm, PAGE + i * PAGE_SIZE, 0) == 0 &&
             mark_at(mm, PAGE + i * PAGE_SIZE) == i + 1;
    if (mm)
        mm_leave(mm);
    if (object)
        object_put(object);
    CHECK(ok && swap_free() == slots);
}
