/* SPDX-License-Identifier: MIT */
/*
 * All of memory is taken and given back. FRAME_ANY stops at the reserve of low
 * memory, FRAME_LOW takes that too, then everything that allocates says so and
 * leaves nothing behind. Unasked only on machines small enough to be quick.
 * Other CPUs hold up to a cache of frames each that cannot be had from here.
 */
#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "mm/frame.h"
#include "mm/kva.h"
#include "mm/mm.h"
#include "mm/settle.h"
#include "mm/slab.h"
#include "tests/kernel/crew.h"

#ifdef DEBUG
#define MOST_FRAMES (48u << 20 >> PAGE_SHIFT) /* each is filled with junk */
#else
#define MOST_FRAMES (1u << 30 >> PAGE_SHIFT)
#endif

static struct slab_cache cache = SLAB_CACHE("exhausting", 2000, 16);

/* Allocate until there is none; the frames are linked by their owner. */
static uint32_t take_all(enum frame_want want, struct frame **list)
{
    struct frame *frame;
    uint32_t count = 0;
    while ((frame = frame_alloc(want))) {
        frame->owner = *list;
        *list = frame;
        count++;
    }
    return count;
}

static void give_back(struct frame *list)
{
    for (struct frame *next; list; list = next) {
        next = list->owner;
        frame_put(list);
    }
}

static void nothing(void *unused)
{
    (void)unused;
}

/* Whether everything that allocates fails, as it should. */
static bool all_fail(void)
{
    bool ok = true;
    struct mm *mm = mm_create();
    void *object = slab_alloc(&cache), *pages = kva_alloc(1, FRAME_ANY);
    ok &= !mm && !object && !pages && !frame_alloc(FRAME_LOW);
    ok &= task_start_kernel("never", nothing, NULL) == -ENOMEM;
    if (mm)
        mm_leave(mm);
    slab_free(&cache, object);
    if (pages)
        kva_free(pages, 1);
    return ok;
}

static void exhaust(bool *passed)
{
    struct frame_stats stats;
    struct frame *any = NULL, *low = NULL;
    uint64_t before = frames_free_settled();
    uint32_t cached = cpus_running() * ZONES * FRAME_CACHE_SIZE;
    frame_stats(&stats);
    uint32_t reserve = (uint32_t)stats.total[ZONE_LOW] / 16;
    uint32_t taken = take_all(FRAME_ANY, &any);
    frame_stats(&stats);
    uint64_t left_high = stats.free[ZONE_HIGH], left_low = stats.free[ZONE_LOW];
    uint32_t taken_low = take_all(FRAME_LOW, &low);
    frame_stats(&stats);
    uint64_t left = stats.free[ZONE_LOW] + stats.free[ZONE_HIGH];
    bool failed = all_fail();
    give_back(any);
    give_back(low);

    CHECK(left_high <= cached && left_low <= reserve + cached);
    CHECK(left_low >= reserve); /* FRAME_ANY leaves it alone */
    CHECK(taken_low + cached >= reserve);
    CHECK(left <= cached && taken + taken_low + left == before);
    CHECK(failed);
    CHECK(frames_free_settled() == before);
}

SELFTEST(frame_exhaustion, "all memory can be allocated and comes back")
{
    if (frames_free_settled() > MOST_FRAMES)
        log_info("frame_exhaustion: left out, there is too much memory");
    else
        exhaust(passed);
}

LONG_SELFTEST(frame_exhaustion_any, "the same, however much there is")
{
    exhaust(passed);
}
