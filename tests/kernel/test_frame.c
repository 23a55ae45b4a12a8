/* SPDX-License-Identifier: MIT */
/*
 * Frames: what comes out of the allocator, references, zones, and that CPUs
 * with caches of their own never get the same frame twice. Running out of
 * frames is in test_frame_exhaustion.c.
 */
#include "kernel/counters.h"
#include "kernel/string.h"
#include "machine/paging.h"
#include "mm/fail.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"

static uint64_t free_frames(void)
{
    struct frame_stats stats;
    frame_stats(&stats);
    return stats.free[ZONE_LOW] + stats.free[ZONE_HIGH];
}

SELFTEST(frame_fresh, "a frame has one reference, no owner, the right zone")
{
    uint64_t before = free_frames();
    struct frame_stats stats;
    frame_stats(&stats);
    struct frame *low = frame_alloc(FRAME_LOW), *any = frame_alloc(FRAME_ANY);
    CHECK(low && any && low != any);
    CHECK(low->state == FRAME_USED && low->references == 1 && low->pins == 0);
    CHECK(!low->owner && low->offset == 0);
    CHECK(low->zone == ZONE_LOW && frame_phys(low) < paging_low_end());
    CHECK(any->zone == (stats.free[ZONE_HIGH] ? ZONE_HIGH : ZONE_LOW));
    CHECK((frame_phys(any) < paging_low_end()) == (any->zone == ZONE_LOW));
    CHECK(frame_at(frame_phys(any)) == any);
    CHECK(frame_of_virtual(frame_virtual(low)) == low);
    CHECK(free_frames() == before - 2);
    frame_put(low);
    frame_put(any);
    CHECK(low->state == FRAME_FREE && free_frames() == before);
}

SELFTEST(frame_references, "the last reference frees a frame, no earlier one")
{
    uint64_t before = free_frames();
    struct frame *frame = frame_alloc(FRAME_ANY);
    CHECK(frame);
    frame_get(frame);
    frame_get(frame);
    frame_put(frame);
    frame_put(frame);
    CHECK(frame->state == FRAME_USED && free_frames() == before - 1);
    frame_put(frame);
    CHECK(frame->state == FRAME_FREE && free_frames() == before);
}

static struct frame *shared;

static void get_and_put(uint32_t index)
{
    stay_on(index);
    for (uint32_t i = 0; i < 3000 && crew_goes_on(); i++) {
        frame_get(shared);
        frame_put(shared);
    }
}

SELFTEST(frame_references_cpus, "references are counted on all CPUs at once")
{
    shared = frame_alloc(FRAME_LOW);
    CHECK(shared);
    bool ok = crew_run(cpus_running(), get_and_put);
    CHECK(ok && shared->references == 1 && shared->state == FRAME_USED);
    frame_put(shared);
}

SELFTEST(frame_zeroed, "frame_alloc_zeroed() wipes what the last owner left")
{
    for (uint32_t i = 0; i < 64; i++) {
        enum frame_want want = i & 1 ? FRAME_LOW : FRAME_ANY;
        struct frame *frame = frame_alloc(want);
        CHECK(frame);
        uint32_t *page = kmap(frame);
        memset(page, 0xa5, PAGE_SIZE);
        kunmap(page);
        frame_put(frame);
        frame = frame_alloc_zeroed(want);
        CHECK(frame);
        page = kmap(frame);
        uint32_t sum = 0;
        for (uint32_t word = 0; word < PAGE_SIZE / 4; word++)
            sum |= page[word];
        kunmap(page);
        frame_put(frame);
        CHECK(sum == 0);
    }
}

#define MANY 1500

SELFTEST(frame_distinct, "many frames at once are all different ones")
{
    uint64_t before = free_frames();
    struct frame *list = NULL;
    uint32_t count = 0, walked = 0;
    for (; count < MANY; count++) {
        struct frame *frame = frame_alloc(FRAME_ANY);
        if (!frame)
            break;
        frame->owner = list;
        frame->offset = count;
        list = frame;
    }
    uint64_t during = free_frames();
    /* One that came twice would break the chain of numbers. */
    for (struct frame *next; list; list = next, walked++) {
        next = list->owner;
        CHECK(list->offset == count - 1 - walked);
        frame_put(list);
    }
    CHECK(count == MANY && walked == count);
    CHECK(during == before - MANY && free_frames() == before);
}

#define SWAPS 32
static struct frame *swaps[SWAPS]; /* frames on their way to another CPU */

/* Number a frame's page, first and last word; the low word of its address. */
static void stamp(struct frame *frame, uint32_t value)
{
    uint32_t *page = kmap(frame);
    page[0] = page[PAGE_SIZE / 4 - 1] = value;
    kunmap(page);
    frame->offset = value;
}

static bool is_stamped(struct frame *frame)
{
    uint32_t *page = kmap(frame), value = frame->offset;
    bool ok = page[0] == value && page[PAGE_SIZE / 4 - 1] == value;
    kunmap(page);
    return ok;
}

/* Put a stamped frame into the pool, free what was in its place. */
static void allocate_and_swap(uint32_t index)
{
    uint32_t random = 0x9e3779b9u * (index + 1);
    stay_on(index);
    for (uint32_t i = 0; i < 1000 && crew_goes_on(); i++) {
        struct frame *frame =
            frame_alloc(fuzz_random(&random) & 1 ? FRAME_LOW : FRAME_ANY);
        CREW_CHECK(frame);
        if (!frame)
            return;
        stamp(frame, index << 16 | i);
        struct frame *old = __atomic_exchange_n(
            &swaps[fuzz_random(&random) % SWAPS], frame, __ATOMIC_SEQ_CST);
        if (!old)
            continue;
        CREW_CHECK(old->references == 1 && is_stamped(old));
        frame_put(old);
        if (i % 64 == 0)
            frame_cache_drain();
    }
}

SELFTEST(frame_cpus, "frames allocated here and freed there keep their owner")
{
    uint64_t before = frames_free_settled();
    bool ok = crew_run(cpus_running(), allocate_and_swap);
    for (uint32_t i = 0; i < SWAPS; i++) {
        ok &= !swaps[i] || is_stamped(swaps[i]);
        if (swaps[i])
            frame_put(swaps[i]);
        swaps[i] = NULL;
    }
    CHECK(ok);
    CHECK(frames_free_settled() == before);
}

SELFTEST(frame_fails, "the nth allocation fails when asked to, then no more")
{
    struct frame *frame[3];
    uint64_t failures = counter_read(COUNTER_alloc_failures);
    fail_set(2);
    for (uint32_t i = 0; i < 3; i++)
        frame[i] = frame_alloc(FRAME_ANY);
    bool ok = frame[0] && !frame[1] && frame[2] && fail_set(0) == 0;
    for (uint32_t i = 0; i < 3; i++)
        if (frame[i])
            frame_put(frame[i]);
    CHECK(ok && counter_read(COUNTER_alloc_failures) == failures + 1);
    fail_set(7);
    CHECK(fail_set(0) == 7);
}
