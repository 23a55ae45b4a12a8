/* SPDX-License-Identifier: MIT */
/*
 * MMs that no task runs in: areas across borders, faults, loading, the heap,
 * and that everything comes back at the end, also when memory runs out at any
 * point. What other CPUs see of an unmapped page is in test_mm_tlb.c.
 */
#include "kernel/abi/errno.h"
#include "kernel/source.h"
#include "mm/fail.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"
#include "tests/kernel/mapping.h"

#define BORDER 0x40000000u /* between quarters 0 and 1 */

static void end(struct mm *mm)
{
    if (mm)
        mm_leave(mm);
}

static uint32_t areas(const struct mm *mm)
{
    return mm->quarter[0]->area_count + mm->quarter[1]->area_count +
           mm->quarter[2]->area_count;
}

static uint32_t pages(const struct mm *mm)
{
    return mm->quarter[0]->pages + mm->quarter[1]->pages +
           mm->quarter[2]->pages;
}

SELFTEST(mm_areas, "areas are added, refused, cut and removed")
{
    struct mm *mm = mm_create();
    CHECK(mm);
    bool refused = map_pages(mm, 0, 0x2000, 0) == -EPERM;
    refused &= map_pages(mm, 0x1001, 0x3000, 0) == -EINVAL;
    refused &= map_pages(mm, 0x3000, 0x3000, 0) == -EINVAL;
    refused &=
        map_pages(mm, USER_END - PAGE_SIZE, USER_END + PAGE_SIZE, 0) == -ENOMEM;
    refused &= areas(mm) == 0;
    /* One area over two borders becomes three. */
    bool ok = map_pages(mm, BORDER - 0x4000, 2 * BORDER + 0x4000, 0) == 0;
    ok &= areas(mm) == 3 && mm->quarter[1]->areas->end == 2 * BORDER;
    refused &= map_pages(mm, 0x1000, BORDER - 0x3000, 0) == -EEXIST;
    /* What the first quarters got is taken back. */
    ok &= unmap_pages(mm, BORDER, USER_END) == 0 && areas(mm) == 1;
    ok &= map_pages(mm, 2 * BORDER, 2 * BORDER + 0x1000, 0) == 0;
    refused &= map_pages(mm, BORDER, 2 * BORDER + 0x1000, 0) == -EEXIST;
    ok &= areas(mm) == 2 && !mm->quarter[1]->areas;
    /* A hole in the middle, both ends, across two areas, all. */
    ok &= unmap_pages(mm, BORDER - 0x3000, BORDER - 0x2000) == 0;
    ok &= areas(mm) == 3;
    ok &= unmap_pages(mm, 0, BORDER - 0x3000) == 0 && areas(mm) == 2;
    ok &= unmap_pages(mm, BORDER - 0x1000, 2 * BORDER + 0x1000) == 0;
    ok &= areas(mm) == 1 && mm->quarter[0]->areas->end == BORDER - 0x1000;
    ok &= unmap_pages(mm, 0, USER_END) == 0 && areas(mm) == 0;
    end(mm);
    CHECK(refused);
    CHECK(ok);
}

SELFTEST(mm_faults, "a fault brings a zeroed page, if the area allows it")
{
    struct mm *mm = mm_create();
    CHECK(mm);
    bool ok = map_pages(mm, 0x10000, 0x12000, AREA_WRITE) == 0;
    ok &= map_pages(mm, 0x12000, 0x13000, AREA_EXECUTE) == 0;
    ok &= mm_fault(mm, 0xffff, 0) == -EFAULT;
    ok &= mm_fault(mm, 0x13000, 0) == -EFAULT;
    ok &= mm_fault(mm, USER_END, 0) == -EFAULT;
    ok &= mm_fault(mm, 0x11000, AREA_EXECUTE) == -EACCES;
    ok &= mm_fault(mm, 0x12000, AREA_WRITE) == -EACCES && pages(mm) == 0;
    ok &= mm_fault(mm, 0x10fff, AREA_WRITE) == 0 && pages(mm) == 1;
    ok &= mm_fault(mm, 0x10000, 0) == 0 && pages(mm) == 1; /* once more */
    ok &= mm_fault(mm, 0x12123, AREA_EXECUTE) == 0 && pages(mm) == 2;
    struct mapping data = page_lookup(&mm->tables, 0x10000);
    struct mapping code = page_lookup(&mm->tables, 0x12000);
    ok &= data.frame && code.frame && data.frame != code.frame;
    ok &= !page_lookup(&mm->tables, 0x11000).frame;
    if (ok) {
        ok &= (data.flags & MAP_WRITE) && !(code.flags & MAP_WRITE);
        ok &= (code.flags & MAP_EXECUTE) != 0;
        ok &= data.frame->references == 1;
        uint32_t *page = kmap(data.frame), sum = 0;
        for (uint32_t i = 0; i < PAGE_SIZE / 4; i++)
            sum |= page[i];
        kunmap(page);
        ok &= sum == 0;
    }
    end(mm);
    CHECK(ok);
}

SELFTEST(mm_loads, "bytes are loaded across pages and quarters, read-only too")
{
    uint8_t pattern[600], seen[600];
    uint32_t random = 0x10ad;
    fuzz_fill(pattern, sizeof(pattern), &random);
    struct source source = source_of_buffer(pattern, sizeof(pattern));
    struct mm *mm = mm_create();
    CHECK(mm);
    bool ok = map_pages(mm, BORDER - 0x1000, BORDER + 0x1000, AREA_READ) == 0;
    ok &= mm_load(mm, BORDER - 250, &source, 50, 500) == 0 && pages(mm) == 2;
    for (uint32_t i = 0; i < 500 && ok; i++) {
        uint32_t address = BORDER - 250 + i;
        struct mapping m =
            page_lookup(&mm->tables, round_down(address, PAGE_SIZE));
        ok &= m.frame && !(m.flags & MAP_WRITE);
        uint8_t *page = kmap(m.frame);
        seen[i] = page[address & PAGE_MASK];
        kunmap(page);
    }
    ok &= memcmp(seen, pattern + 50, 500) == 0;
    ok &= mm_load(mm, BORDER + 0xf00, &source, 0, 500) == -EFAULT;
    ok &= mm_load(mm, USER_END - 4, &source, 0, 8) == -EFAULT;
    end(mm);
    CHECK(ok);
}

SELFTEST(mm_heap, "the heap grows and shrinks, and gives its pages back")
{
    struct mm *mm = mm_create();
    CHECK(mm);
    const uint32_t start = 0x100000;
    mm->break_start = mm->break_end = start;
    bool ok = mm_set_break(mm, 0) == start;
    ok &= mm_set_break(mm, start + 0x2345) == start + 0x2345;
    for (uint32_t page = 0; page < 3; page++)
        ok &= mm_fault(mm, start + page * PAGE_SIZE, AREA_WRITE) == 0;
    ok &= mm_fault(mm, start + 3 * PAGE_SIZE, AREA_WRITE) == -EFAULT;
    ok &= pages(mm) == 3 && mm_set_break(mm, start + 0x2001) == start + 0x2001;
    ok &= pages(mm) == 3 && mm_set_break(mm, start + 0x1000) == start + 0x1000;
    ok &= pages(mm) == 1 && mm_set_break(mm, start - 1) == start + 0x1000;
    ok &= mm_set_break(mm, USER_END) == start + 0x1000;
    ok &= mm_set_break(mm, start) == start && pages(mm) == 0;
    ok &= areas(mm) == 0;
    end(mm);
    CHECK(ok);
}

/* Something of everything; the first error. */
static int live(struct mm *mm)
{
    struct source source = source_of_buffer("some bytes", 10);
    int error = map_pages(mm, BORDER - 0x2000, BORDER + 0x2000, AREA_WRITE);
    if (!error)
        error = mm_fault(mm, BORDER - 1, AREA_WRITE);
    if (!error)
        error = mm_fault(mm, BORDER, AREA_WRITE);
    if (!error)
        error = mm_load(mm, BORDER + 0x1ff0, &source, 0, 10);
    mm->break_start = mm->break_end = 0x80000000;
    if (!error && mm_set_break(mm, 0x80003000) != 0x80003000)
        error = -ENOMEM;
    if (!error)
        error = unmap_pages(mm, BORDER - 0x1000, BORDER + 0x1000);
    if (!error) /* splits an area: needs one more */
        error = unmap_pages(mm, 0x80001000, 0x80002000);
    return error;
}

SELFTEST(mm_fails_often, "an MM that cannot be made leaves no object behind")
{
    uint64_t before = frames_free_settled();
    /* A lost object is seen when it takes another slab. */
    for (uint32_t i = 0; i < 30; i++)
        for (uint32_t n = 1; n <= 9; n++) {
            fail_set(n); /* the MM, three quarters, a root, directories */
            CHECK(!mm_create() && fail_set(0) == 0);
        }
    CHECK(frames_free_settled() == before);
}

SELFTEST(mm_fails, "memory may run out at any point of an MM's life")
{
    uint64_t before = frames_free_settled();
    uint32_t n = 1, refused = 0;
    for (; n < 100; n++) {
        fail_set(n);
        struct mm *mm = mm_create();
        int error = mm ? live(mm) : -ENOMEM;
        bool failed = fail_set(0) == 0;
        end(mm);
        /* A fault tries again: only an injected failure is ever over. */
        CHECK(!error || (failed && error == -ENOMEM));
        refused += error != 0;
        CHECK(frames_free_settled() == before);
        if (!failed)
            break;
    }
    CHECK(n > 15 && n < 100 && refused > 10);
}
