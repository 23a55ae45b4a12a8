/* SPDX-License-Identifier: MIT */
/*
 * Changing the areas of an MM that no task runs in, at the borders of quarters
 * and at the end of user addresses: placing, finding room, rights, advice. What
 * the MM counts must be so after each step. mremap is in test_remap.c.
 */
#include "kernel/abi/linux.h"
#include "machine/time.h"
#include "mm/fail.h"
#include "mm/map_parts.h"
#include "mm/object.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"
#include "tests/kernel/mapping.h"

#define LAST (USER_END - PAGE_SIZE)

static const uint32_t borders[] = {0x40000000, 0x80000000};

#define for_each_border(b) \
    for (b = 0x40000000; b <= 0x80000000; b += 0x40000000)

/* Two pages on either side of a border, marked 1 to 4. */
static bool map_over(struct mm *mm, uint32_t border)
{
    uint32_t at = border - 2 * PAGE_SIZE;
    bool ok = map_pages(mm, at, at + 4 * PAGE_SIZE, AREA_WRITE) == 0;
    for (uint32_t i = 0; i < 4; i++)
        ok &= mark_page(mm, at + i * PAGE_SIZE, i + 1) == 0;
    return ok && counts_right(mm);
}

static int32_t map_at(struct mm *mm, uint32_t at, uint32_t pages,
                      enum map_place place)
{
    const struct area like = {.flags = AREA_WRITE};
    return mm_map(mm, at, pages * PAGE_SIZE, place, &like);
}

static bool places(struct mm *mm, uint32_t border)
{
    uint32_t below = border - PAGE_SIZE, above = border + PAGE_SIZE;
    bool ok = map_over(mm, border);
    /* One taken page on either side is enough for a refusal. */
    ok &= map_at(mm, below - 3 * PAGE_SIZE, 3, MAP_IF_FREE) == -EEXIST;
    ok &= map_at(mm, above, 2, MAP_IF_FREE) == -EEXIST;
    ok &= map_at(mm, border - PAGE_SIZE + 1, 1, MAP_FIXED) == -EINVAL;
    ok &= mark_at(mm, above) == 4 && counts_right(mm);
    /* In place of the two in the middle, and of no other. */
    ok &= map_at(mm, below, 2, MAP_FIXED) == (int32_t)below;
    ok &= mark_at(mm, below - PAGE_SIZE) == 1 && mark_at(mm, above) == 4;
    ok &= !mapped_frame(mm, below) && !mapped_frame(mm, border) &&
          counts_right(mm);
    ok &= mark_page(mm, below, 5) == 0 && mark_page(mm, border, 6) == 0;
    /* A hint is rounded down; where it cannot be, another place is found. */
    ok &= map_at(mm, above + PAGE_SIZE + 5, 1, MAP_HINT) ==
          (int32_t)(above + PAGE_SIZE);
    int32_t at = map_at(mm, below, 2, MAP_HINT);
    ok &= !IS_ERROR(at) && (uint32_t)at + 2 * PAGE_SIZE == mm->map_top;
    ok &= mark_at(mm, below) == 5 && mark_at(mm, border) == 6;
    ok &= counts_right(mm) && unmap_pages(mm, 0, USER_END) == 0;
    return ok && counts_right(mm) && mm->pages == 0;
}

SELFTEST(map_places, "areas go where they are asked to, across borders too")
{
    uint32_t border;
    struct mm *mm = mm_create();
    CHECK(mm);
    mm->map_top = USER_END - 0x10000;
    bool ok = true;
    for_each_border(border) ok &= places(mm, border);
    /* The last page is one like others, and behind it there is nothing. */
    ok &= map_at(mm, LAST, 1, MAP_IF_FREE) == (int32_t)LAST;
    ok &= mark_page(mm, LAST, 7) == 0;
    ok &= map_at(mm, LAST, 1, MAP_FIXED) == (int32_t)LAST;
    ok &=
        !mapped_frame(mm, LAST) && map_at(mm, LAST, 1, MAP_IF_FREE) == -EEXIST;
    ok &= map_at(mm, LAST, 2, MAP_FIXED) == -ENOMEM;
    ok &= map_at(mm, USER_END, 1, MAP_FIXED) == -ENOMEM;
    ok &= map_at(mm, 0xfffff000, 2, MAP_IF_FREE) == -ENOMEM;
    ok &= map_at(mm, 0, 1, MAP_FIXED) == -EPERM;
    ok &= mm_map(mm, 0, 0, MAP_HINT, &(struct area){0}) == -EINVAL;
    ok &= mm_map(mm, 0, 0xfffff001, MAP_HINT, &(struct area){0}) == -ENOMEM;
    ok &= mm_unmap(mm, LAST, 2 * PAGE_SIZE) == -EINVAL;
    ok &= mm_unmap(mm, LAST, 0xfffff001) == -EINVAL;
    ok &= mm_unmap(mm, LAST, 0) == -EINVAL && counts_right(mm);
    ok &= mm_unmap(mm, LAST, 1) == 0 && mm->pages == 0 && counts_right(mm);
    mm_leave(mm);
    CHECK(ok);
}

SELFTEST(map_protects, "rights change on both sides of a border")
{
    uint32_t border;
    struct mm *mm = mm_create();
    CHECK(mm);
    bool ok = true;
    for_each_border(border)
    {
        uint32_t at = border - PAGE_SIZE;
        ok &= map_over(mm, border);
        ok &= mm_protect(mm, at, 2 * PAGE_SIZE, AREA_READ) == 0;
        for (uint32_t i = 0; i < 2; i++) {
            uint32_t page = at + i * PAGE_SIZE;
            ok &= !(page_lookup(&mm->tables, page).flags & MAP_WRITE);
            ok &= mm_fault(mm, page, AREA_WRITE) == -EACCES;
            ok &= mm_fault(mm, page, 0) == 0 && mark_at(mm, page) == i + 2;
        }
        ok &= mark_page(mm, at - PAGE_SIZE, 8) == 0;
        ok &= counts_right(mm);
        /* Alike again, they are one area a quarter again. */
        ok &= mm_protect(mm, at, 2 * PAGE_SIZE, AREA_WRITE) == 0;
        ok &= mm->quarter[border >> QUARTER_SHIFT]->area_count == 1;
        /* A hole behind the border: what is below is changed. */
        ok &= unmap_pages(mm, border, border + PAGE_SIZE) == 0;
        ok &= mm_protect(mm, at, 3 * PAGE_SIZE, AREA_READ) == -ENOMEM;
        ok &= mm_fault(mm, at, AREA_WRITE) == -EACCES;
        ok &= mm_fault(mm, border + PAGE_SIZE, AREA_WRITE) == 0;
        ok &= counts_right(mm) && unmap_pages(mm, 0, USER_END) == 0;
    }
    ok &= mm_protect(mm, LAST, 2 * PAGE_SIZE, 0) == -ENOMEM;
    ok &= mm_protect(mm, LAST, 0xfffff000, 0) == -ENOMEM;
    ok &= mm_protect(mm, LAST, 0, 0) == 0;
    mm_leave(mm);
    CHECK(ok);
}

SELFTEST(map_holds, "without rights a page keeps its frame, in forks too")
{
    uint64_t before = frames_free_settled();
    struct mm *mm = mm_create(), *child = NULL;
    CHECK(mm);
    uint32_t at = borders[1] - PAGE_SIZE;
    bool ok = map_over(mm, borders[1]);
    struct frame *frame[] = {mapped_frame(mm, at),
                             mapped_frame(mm, at + PAGE_SIZE)};
    ok &= mm_protect(mm, at, 2 * PAGE_SIZE, 0) == 0 && counts_right(mm);
    for (uint32_t i = 0; i < 2; i++) {
        struct mapping m = page_lookup(&mm->tables, at + i * PAGE_SIZE);
        ok &= m.frame == frame[i] && m.flags & MAP_HELD;
        ok &= mm_fault(mm, at + i * PAGE_SIZE, 0) == -EACCES;
    }
    if (ok && (child = mm_fork(mm))) {
        ok &= mapped_frame(child, at) == frame[0] && frame[0]->references == 2;
        ok &= mm_fault(child, at, 0) == -EACCES && counts_right(child);
        ok &= mm_protect(child, at, 2 * PAGE_SIZE, AREA_WRITE) == 0;
        ok &= mark_at(child, at) == 2 && mark_page(child, at, 9) == 0;
        ok &= mapped_frame(child, at) != frame[0] && frame[0]->references == 1;
    }
    ok &= child && mm_protect(mm, at, 2 * PAGE_SIZE, AREA_WRITE) == 0;
    ok &= mapped_frame(mm, at) == frame[0] && mark_at(mm, at) == 2;
    ok &= mark_page(mm, at, 10) == 0 && (!child || mark_at(child, at) == 9);
    /* Held pages are removed like others. */
    ok &= mm_protect(mm, at, 2 * PAGE_SIZE, 0) == 0;
    ok &= unmap_pages(mm, 0, USER_END) == 0 && counts_right(mm);
    mm_leave(mm);
    if (child)
        mm_leave(child);
    CHECK(ok);
    CHECK(frames_free_settled() == before);
}

SELFTEST(map_advice, "DONTNEED drops pages over borders and holes, not objects")
{
    struct mm *mm = mm_create();
    struct object *object = object_create(4 * PAGE_SIZE);
    bool ok = mm && object;
    const struct area shared = {.flags = AREA_WRITE | AREA_SHARED,
                                .object = object};
    uint32_t border = borders[0], at = border - 2 * PAGE_SIZE;
    if (!ok)
        goto out;
    ok &= map_over(mm, border);
    ok &= unmap_pages(mm, border - PAGE_SIZE, border) == 0;
    ok &= mm_advise(mm, at, 3 * PAGE_SIZE, ABI_MADV_DONTNEED) == -ENOMEM;
    ok &=
        !mapped_frame(mm, at) && !mapped_frame(mm, border) && counts_right(mm);
    ok &= mark_at(mm, border + PAGE_SIZE) == 4;
    ok &= mm_fault(mm, at, 0) == 0 && mapped_frame(mm, at) && !mark_at(mm, at);
    ok &= mm_advise(mm, at, PAGE_SIZE, 31) == -EINVAL;
    ok &= unmap_pages(mm, 0, USER_END) == 0;
    /* Shared memory: the page goes, what it showed stays. */
    ok &= mm_map(mm, at, 4 * PAGE_SIZE, MAP_FIXED, &shared) == (int32_t)at;
    for (uint32_t i = 0; i < 4; i++)
        ok &= mark_page(mm, at + i * PAGE_SIZE, i + 1) == 0;
    ok &= mm_advise(mm, at, 4 * PAGE_SIZE, ABI_MADV_DONTNEED) == 0;
    for (uint32_t i = 0; i < 4; i++) {
        ok &= !mapped_frame(mm, at + i * PAGE_SIZE);
        ok &= mm_fault(mm, at + i * PAGE_SIZE, 0) == 0;
        ok &= mark_at(mm, at + i * PAGE_SIZE) == i + 1;
    }
    ok &= counts_right(mm);
out:
    if (mm)
        mm_leave(mm);
    ok &= object && object->references == 1;
    if (object)
        object_put(object);
    CHECK(ok);
}

/* The highest free place with its end in (from, to], by trying all that touch
 * what is there. `start` sorted, each a page long. */
static uint32_t highest(const uint32_t *start, uint32_t count, uint32_t from,
                        uint32_t to, uint32_t length)
{
    for (uint32_t i = count + 1; i-- > 0;) {
        uint32_t low = i ? start[i - 1] + PAGE_SIZE : 0;
        uint32_t high = i < count ? start[i] : USER_END;
        low = low > from ? low : from;
        high = high < to ? high : to;
        if (high > low && high - low >= length)
            return high - length;
    }
    return 0;
}

/* What map_find_room() promises, from a list of what is there. */
static uint32_t find_room(const uint32_t *start, uint32_t count, uint32_t top,
                          uint32_t length)
{
    uint32_t from, to, found = 0;
    for (uint32_t q = USER_QUARTERS; q-- > 0 && !found;)
        if (quarter_clip(q, MAP_LOWEST, top, &from, &to))
            found = highest(start, count, from, to, length);
    if (!found)
        found = highest(start, count, MAP_LOWEST, top, length);
    for (uint32_t q = USER_QUARTERS; q-- > 0 && !found;)
        if (quarter_clip(q, top, USER_END, &from, &to))
            found = highest(start, count, from, to, length);
    return found;
}

static bool room_at_random(struct mm *mm, uint32_t *random)
{
    static const uint32_t near[] = {0x10000,    0x3ffff000, 0x40000000,
                                    0x7ffff000, 0x80000000, 0xbffef000,
                                    LAST};
    uint32_t start[6], count = 0, wanted = fuzz_random(random) % 7;
    while (count < wanted) {
        uint32_t r = fuzz_random(random), i = count;
        uint32_t at = r & 1 ? near[(r >> 1) % ARRAY_LENGTH(near)]
                            : MAP_LOWEST + (r >> 1) / PAGE_SIZE * PAGE_SIZE;
        if (map_at(mm, at, 1, MAP_FIXED) != (int32_t)at)
            return false;
        for (; i > 0 && start[i - 1] > at; i--)
            start[i] = start[i - 1];
        start[i] = at;
        count++;
    }
    bool ok = true;
    for (uint32_t i = 0; i < 12; i++) {
        uint32_t length = i < 6 ? 0x10000000u << (i / 2) | (i % 2) << PAGE_SHIFT
                                : fuzz_random(random) % USER_END & ~PAGE_MASK;
        ok &= length == 0 || map_find_room(mm, length) ==
                                 find_room(start, count, mm->map_top, length);
    }
    return unmap_pages(mm, 0, USER_END) == 0 && ok;
}

SELFTEST(map_room, "the highest room is found, across borders if need be")
{
    uint32_t seed = (uint32_t)cycle_counter() | 1, random = seed;
    struct mm *mm = mm_create();
    CHECK(mm);
    bool ok = true;
    for (uint32_t i = 0; i < 300 && ok; i++) {
        mm->map_top = i % 3 ? USER_END - 0x10000 : 0x60000000;
        ok = room_at_random(mm, &random);
    }
    if (!ok)
        log_warn("seed %u", seed);
    ok &= counts_right(mm);
    mm_leave(mm);
    CHECK(ok);
}

/* A bit of everything over both borders; the first error. */
static int change(struct mm *mm)
{
    uint32_t border;
    int error = 0;
    for_each_border(border)
    {
        uint32_t at = border - 2 * PAGE_SIZE, inner = border + 0x100000;
        if (!error)
            error = map_pages(mm, at, at + 4 * PAGE_SIZE, AREA_WRITE);
        if (error && border == 0x40000000 && mm->pages)
            error = -EIO; /* all of it or nothing */
        for (uint32_t i = 0; i < 4 && !error; i++)
            error = mark_page(mm, at + i * PAGE_SIZE, i + 1);
        if (!error)
            error = mm_protect(mm, at + PAGE_SIZE, 2 * PAGE_SIZE, 0);
        /* In the middle of an area: one call, two divisions. */
        if (!error)
            error = map_pages(mm, inner, inner + 3 * PAGE_SIZE, 0);
        if (!error)
            error = mm_protect(mm, inner + PAGE_SIZE, PAGE_SIZE, AREA_READ);
        if (!error)
            error = mm_advise(mm, at + PAGE_SIZE, PAGE_SIZE, ABI_MADV_DONTFORK);
        if (!error)
            error = map_at(mm, at + PAGE_SIZE, 2, MAP_FIXED) < 0 ? -ENOMEM : 0;
        if (!error)
            error = mm_advise(mm, at, 4 * PAGE_SIZE, ABI_MADV_DONTNEED);
    }
    return error;
}

SELFTEST(map_fails, "memory may run out at any point of these calls")
{
    uint64_t before = frames_free_settled();
    uint32_t n = 1, refused = 0;
    bool failed = true;
    for (; n < 200 && failed; n++) {
        struct mm *mm = mm_create();
        CHECK(mm);
        fail_set(n);
        int error = change(mm);
        failed = fail_set(0) == 0;
        bool right = counts_right(mm);
        bool whole = error || (mm->quarter[1]->area_count > 1 &&
                               mm->quarter[1]->pages == 0);
        mm_leave(mm);
        CHECK(right && whole);
        CHECK(!error || (failed && error == -ENOMEM));
        refused += error != 0;
        CHECK(frames_free_settled() == before);
    }
    CHECK(n > 20 && n < 200 && refused > 8);
}
