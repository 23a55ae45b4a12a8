/* SPDX-License-Identifier: MIT */
/*
 * mremap in an MM that no task runs in: pages keep their frames and contents,
 * whatever quarters they come from and go to, nothing is left at the old place,
 * and when memory runs out in the middle all is where it was.
 */
#include "kernel/abi/linux.h"
#include "mm/fail.h"
#include "mm/map_parts.h"
#include "mm/object.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"
#include "tests/kernel/mapping.h"

#define PAGES 6
#define BYTES (PAGES * PAGE_SIZE)
#define MOVE  (ABI_MREMAP_MAYMOVE | ABI_MREMAP_FIXED)

static struct frame *frames[PAGES];

/* An area with every page marked but the third, which has no frame. */
static bool prepare(struct mm *mm, uint32_t at)
{
    bool ok = map_pages(mm, at, at + BYTES, AREA_WRITE) == 0;
    for (uint32_t i = 0; i < PAGES && ok; i++) {
        if (i != 2)
            ok = mark_page(mm, at + i * PAGE_SIZE, 100 + i) == 0;
        frames[i] = mapped_frame(mm, at + i * PAGE_SIZE);
    }
    return ok;
}

/* Whether the first `pages` of what prepare() made are here. */
static bool is_here(struct mm *mm, uint32_t at, uint32_t pages)
{
    bool ok = true;
    for (uint32_t i = 0; i < pages; i++) {
        ok &= mapped_frame(mm, at + i * PAGE_SIZE) == frames[i];
        ok &= i == 2 || mark_at(mm, at + i * PAGE_SIZE) == 100 + i;
    }
    return ok && counts_right(mm);
}

/* Where the area may lie: in all quarters and over both borders. */
static const uint32_t places[] = {
    0x100000,   0x40000000 - PAGE_SIZE,     0x40000000 - 4 * PAGE_SIZE,
    0x60000000, 0x80000000 - 3 * PAGE_SIZE, USER_END - BYTES,
};

static bool move(uint32_t from, uint32_t to)
{
    struct mm *mm = mm_create();
    bool ok = mm && prepare(mm, from);
    /* Something in the way, which is replaced. */
    ok = ok && map_pages(mm, to, to + BYTES, AREA_WRITE) == 0;
    ok = ok && mark_page(mm, to + 2 * PAGE_SIZE, 1) == 0;
    ok = ok && mm_remap(mm, from, BYTES, BYTES, MOVE, to) == (int32_t)to;
    ok = ok && is_here(mm, to, PAGES) && map_is_free(mm, from, from + BYTES);
    ok = ok && mm->pages == PAGES && mm_fault(mm, from, 0) == -EFAULT;
    /* Back, and smaller. */
    ok = ok &&
         mm_remap(mm, to, BYTES, 4 * PAGE_SIZE, MOVE, from) == (int32_t)from;
    ok = ok && is_here(mm, from, 4) && mm->pages == 4;
    if (mm)
        mm_leave(mm);
    return ok;
}

SELFTEST(remap_moves, "pages move between all quarters with their frames")
{
    uint64_t before = frames_free_settled();
    for (uint32_t i = 0; i < ARRAY_LENGTH(places); i++)
        for (uint32_t j = 0; j < ARRAY_LENGTH(places); j++)
            if (places[i] + BYTES <= places[j] ||
                places[j] + BYTES <= places[i])
                CHECK(move(places[i], places[j]));
    CHECK(frames_free_settled() == before);
}

SELFTEST(remap_high, "frames above 4 GiB move as others do")
{
    struct mm *mm = mm_create();
    struct frame *frame = frame_alloc(FRAME_ANY);
    CHECK(mm && frame);
    /* Memory is given out from above: without any up there nothing is seen. */
    bool high = frame_phys(frame) >> 32, ok = prepare(mm, places[1]);
    for (uint32_t i = 0; i < PAGES && ok && high; i++)
        ok = !frames[i] || frame_phys(frames[i]) >> 32;
    ok &= mm_remap(mm, places[1], BYTES, BYTES, MOVE, places[5]) ==
          (int32_t)places[5];
    ok &= is_here(mm, places[5], PAGES);
    ok &= mm_protect(mm, places[5], BYTES, 0) == 0;
    ok &= mm_remap(mm, places[5], BYTES, BYTES, MOVE, places[0]) ==
          (int32_t)places[0];
    ok &= is_here(mm, places[0], PAGES);
    ok &= (page_lookup(&mm->tables, places[0]).flags & MAP_HELD) != 0;
    frame_put(frame);
    mm_leave(mm);
    CHECK(ok);
}

SELFTEST(remap_sizes, "an area grows and shrinks where it is, over borders too")
{
    uint64_t before = frames_free_settled();
    for (uint32_t i = 0; i < ARRAY_LENGTH(places) - 1; i++) {
        uint32_t at = places[i];
        struct mm *mm = mm_create();
        CHECK(mm);
        mm->map_top = USER_END - 0x10000;
        bool ok = prepare(mm, at);
        ok &= mm_remap(mm, at, BYTES, 2 * BYTES, 0, 0) == (int32_t)at;
        ok &= is_here(mm, at, PAGES) && mm->pages == 2 * PAGES;
        ok &= mark_page(mm, at + BYTES, 1) == 0;
        ok &= mm_remap(mm, at, 2 * BYTES, PAGE_SIZE, 0, 0) == (int32_t)at;
        ok &= is_here(mm, at, 1) && mm->pages == 1;
        /* Something in the way: it must move, if it may. */
        ok &= map_pages(mm, at + PAGE_SIZE, at + 2 * PAGE_SIZE, 0) == 0;
        ok &= mm_remap(mm, at, PAGE_SIZE, BYTES, 0, 0) == -ENOMEM;
        int32_t to = mm_remap(mm, at, PAGE_SIZE, BYTES, ABI_MREMAP_MAYMOVE, 0);
        ok &= (uint32_t)to == mm->map_top - BYTES;
        ok &= is_here(mm, (uint32_t)to, 1) && mm->pages == 1 + PAGES;
        mm_leave(mm);
        CHECK(ok);
    }
    CHECK(frames_free_settled() == before);
}

SELFTEST(remap_refused, "holes, overlaps and bad sizes are refused")
{
    struct mm *mm = mm_create();
    struct object *object = object_create(PAGES * PAGE_SIZE);
    bool ok = mm && object;
    const uint32_t at = places[2];
    const struct area shared = {.flags = AREA_WRITE | AREA_SHARED,
                                .object = object};
    ok = ok && prepare(mm, at);
    if (!ok)
        goto out;
    ok &= mm_remap(mm, at, BYTES, BYTES, MOVE, at + PAGE_SIZE) == -EINVAL;
    ok &= mm_remap(mm, at, BYTES, BYTES, MOVE, USER_END - 1) == -EINVAL;
    ok &= mm_remap(mm, at, BYTES, BYTES, MOVE, USER_END) == -EINVAL;
    ok &= mm_remap(mm, at, BYTES, BYTES, ABI_MREMAP_FIXED, 0) == -EINVAL;
    ok &= mm_remap(mm, at, BYTES, 0, ABI_MREMAP_MAYMOVE, 0) == -EINVAL;
    ok &= mm_remap(mm, at, 0, BYTES, ABI_MREMAP_MAYMOVE, 0) == -EINVAL;
    ok &= mm_remap(mm, at, 0xfffff001, BYTES, MOVE, 0x1000) == -EINVAL;
    ok &= mm_remap(mm, at, 2 * BYTES, 3 * BYTES, 0, 0) == -EFAULT;
    ok &= mm_remap(mm, USER_END, BYTES, BYTES, 0, 0) == -EFAULT;
    ok &= mm_protect(mm, at + PAGE_SIZE, PAGE_SIZE, AREA_READ) == 0;
    ok &= mm_remap(mm, at, BYTES, BYTES, MOVE, places[5]) == -EFAULT;
    ok &= is_here(mm, at, PAGES) && mm->pages == PAGES;
    /* With an old length of 0 a shared area is seen twice. */
    ok &= mm_map(mm, places[3], BYTES, MAP_FIXED, &shared) > 0;
    ok &= mark_page(mm, places[3] + PAGE_SIZE, 7) == 0;
    ok &= mm_remap(mm, places[3], 0, BYTES, MOVE, places[5]) ==
          (int32_t)places[5];
    ok &= mm_fault(mm, places[5] + PAGE_SIZE, 0) == 0;
    ok &= mark_at(mm, places[5] + PAGE_SIZE) == 7 && counts_right(mm);
    /* What it grows by shows what follows in the object. */
    ok &= unmap_pages(mm, places[5] + PAGE_SIZE, USER_END) == 0;
    ok &= mm_remap(mm, places[5], PAGE_SIZE, BYTES, 0, 0) == (int32_t)places[5];
    ok &= mm_fault(mm, places[5] + PAGE_SIZE, 0) == 0;
    ok &= mark_at(mm, places[5] + PAGE_SIZE) == 7 && counts_right(mm);
out:
    if (mm)
        mm_leave(mm);
    if (object)
        object_put(object);
    CHECK(ok);
}

/* Move; the error, -EIO if it left something wrong. */
static int move_or_not(struct mm *mm, uint32_t from, uint32_t to)
{
    int32_t at = mm_remap(mm, from, BYTES, BYTES, MOVE, to);
    uint32_t place = IS_ERROR(at) ? from : to;
    if (!is_here(mm, place, PAGES) || mm->pages != PAGES)
        return -EIO;
    return IS_ERROR(at) ? at : 0;
}

SELFTEST(remap_fails, "memory may run out at any point of a move")
{
    uint64_t before = frames_free_settled();
    const uint32_t to = places[4]; /* over a border: two tables */
    uint32_t most = 0;
    for (uint32_t i = 0; i < 4; i++) {
        bool failed = true;
        for (uint32_t n = 1; n < 30 && failed; n++) {
            struct mm *mm = mm_create();
            CHECK(mm);
            bool ok = prepare(mm, places[i]);
            fail_set(n);
            int error = move_or_not(mm, places[i], to);
            failed = fail_set(0) == 0;
            mm_leave(mm);
            CHECK(ok && error == (failed ? -ENOMEM : 0));
            CHECK(frames_free_settled() == before);
            most = n > most ? n : most;
        }
        CHECK(!failed);
    }
    CHECK(most > 2);
}
