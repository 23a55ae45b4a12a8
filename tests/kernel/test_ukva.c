/* SPDX-License-Identifier: MIT */
/*
 * Addresses of an MM's kernel region (mm/ukva.h): nobody gets one that is
 * taken, the page below is never mapped, what is given back is out of every
 * TLB, and memory may run out at any point. The threads here become tasks of
 * the MM, since only those may look at it.
 */
#include "mm/ukva.h"

#include "mm/area.h"
#include "mm/fail.h"
#include "mm/kstack.h"
#include "mm/settle.h"
#include "mm/tlb.h"
#include "tests/kernel/script.h"

static uint32_t areas_of_region(const struct mm *mm)
{
    uint32_t count = 0;
    struct area *root = mm->ukva.areas, *a = area_find(root, UKVA_START);
    for (; a; a = area_find(root, a->end))
        count++;
    return count;
}

/* Pages of the region that have a frame, in the tables; not the slots'. */
static uint32_t pages_of_region(const struct mm *mm)
{
    uint32_t count = 0;
    for (uint32_t at = UKVA_START; at < UKVA_END; at += PAGE_SIZE)
        if (at - mm->ukva.slots.start >= POOL_SLOTS * PAGE_SIZE)
            count += page_lookup(&mm->tables, at).frame != NULL;
    return count;
}

/* A chain of one. */
static void give_back(struct mm *mm, uintptr_t start, uint32_t pages)
{
    *(uintptr_t *)start = 0;
    ukva_free(mm, start, pages);
}

/* Take, mark, look and give back ranges of 1 to 4 pages, a few at a time. */
static void allocate(uint32_t index)
{
    enum { RANGES = 4 };
    uint32_t random = index + 7;
    stay_on(index);
    enter_mm();
    while (crew_goes_on()) {
        uint32_t start[RANGES], pages[RANGES];
        for (uint32_t i = 0; i < RANGES; i++) {
            pages[i] = 1 + fuzz_random(&random) % 4;
            start[i] = ukva_alloc(script.mm, pages[i]);
            CREW_CHECK(start[i] > UKVA_START && start[i] < UKVA_END);
            CREW_CHECK(!page_lookup(&script.mm->tables, start[i] - 1).frame);
            for (uint32_t j = 0; j < pages[i]; j++)
                *(uint32_t *)(start[i] + j * PAGE_SIZE) = index << 16 | i;
        }
        sched_yield_cpu();
        for (uint32_t i = RANGES; i-- > 0;) {
            for (uint32_t j = 0; j < pages[i]; j++)
                CREW_CHECK(*(uint32_t *)(start[i] + j * PAGE_SIZE) ==
                           (index << 16 | i));
            CREW_CHECK(see(start[i] - 4) == 0);
            give_back(script.mm, start[i], pages[i]);
        }
    }
    leave_mm();
}

SELFTEST(ukva_storm, "no address of the region is given to two tasks")
{
    script.mm = mm_create();
    CHECK(script.mm);
    uint32_t areas = areas_of_region(script.mm);
    bool ok = crew_run(2 * cpus_running(), allocate);
    ok &= script.mm->ukva.pages == 0 && pages_of_region(script.mm) == 0;
    ok &= areas_of_region(script.mm) == areas;
    mm_leave(script.mm);
    CHECK(ok);
}

static void (*job)(void);
#define MARK 64 /* not the first word, which chains */

static uintptr_t place;
static uint32_t seen;

static void look(void)
{
    seen = see(place + MARK);
}

static void act(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    for (uint32_t nth = 1;; nth++) {
        await_cue(index, nth);
        if (!job)
            break;
        job();
        is_done(index);
    }
    leave_mm();
}

static uint32_t actor_sees(void)
{
    uint32_t before = atomic_get(&script.done[0]);
    give_cue(0);
    return comes_done(0, before + 1) ? seen : ~0u;
}

/* What another CPU sees of an address that is given out twice. */
static bool reuse(uint32_t second[2])
{
    script.mm = mm_create();
    job = look;
    bool ok = script.mm && play(1, act);
    if (ok) {
        enter_mm();
        place = ukva_alloc(script.mm, 1);
        ok &= place != 0;
        struct frame *frame = page_lookup(&script.mm->tables, place).frame;
        frame_get(frame); /* so that the next one is another */
        *(uint32_t *)(place + MARK) = 1;
        ok &= actor_sees() == 1;
        give_back(script.mm, place, 1);
        second[0] = actor_sees();
        ok &= ukva_alloc(script.mm, 1) == place;
        *(volatile uint32_t *)(place + MARK) = 2;
        second[1] = actor_sees();
        give_back(script.mm, place, 1);
        frame_put(frame);
        job = NULL;
        give_cue(0);
        ok &= crew_join();
        leave_mm();
    }
    if (script.mm)
        mm_leave(script.mm);
    return ok;
}

SELFTEST(ukva_reused, "an address given back is out of every TLB")
{
    uint32_t second[2];
    if (!can_play("ukva_reused", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = reuse(second);
    task_set_affinity(0, before);
    CHECK(ok && second[0] == 0 && second[1] == 2);
}

#ifndef DEBUG /* debug builds panic first */

SELFTEST(ukva_broken, "an address given back without a flush is caught")
{
    static const struct shootdown broken = {"only here", flush_only_here};
    uint32_t second[2];
    if (!can_play("ukva_broken", 1))
        return;
    cpu_mask before = stay_on(0);
    shootdown = &broken;
    bool ok = reuse(second);
    shootdown = &shootdown_mask;
    task_set_affinity(0, before);
    CHECK(ok && second[0] == 1 && second[1] == 1);
}

#endif

/* A few stacks, which are kept, and ranges; false: no memory. */
static bool use_region(struct mm *mm)
{
    ukva_t stack[4];
    uint32_t count = 0;
    uintptr_t range[3] = {0};
    for (; count < ARRAY_LENGTH(stack); count++)
        if (!(stack[count] = kstack_alloc(mm)))
            break;
    for (uint32_t i = 0; i < 3; i++)
        range[i] = ukva_alloc(mm, i + 2);
    bool all = count == ARRAY_LENGTH(stack) && range[0] && range[1] && range[2];
    /* From the middle: areas must be divided. */
    for (uint32_t i = 0; i < 3; i++)
        if (range[(i + 1) % 3])
            give_back(mm, range[(i + 1) % 3], (i + 1) % 3 + 2);
    for (uint32_t i = 0; i < count; i++)
        kstack_free(mm, stack[(i + 1) % count]);
    return all;
}

SELFTEST(ukva_fails, "memory may run out at any point of the region's use")
{
    uint64_t before = frames_free_settled();
    uint32_t n = 1, refused = 0;
    for (; n < 200; n++) {
        script.mm = mm_create();
        CHECK(script.mm);
        enter_mm();
        fail_set(n);
        bool all = use_region(script.mm);
        bool failed = fail_set(0) == 0;
        uint32_t pages = script.mm->ukva.pages;
        bool right = pages == pages_of_region(script.mm) &&
                     pages == script.mm->ukva.kept_count * KERNEL_STACK_PAGES;
        leave_mm();
        mm_leave(script.mm);
        CHECK(right && (all || failed));
        CHECK(frames_free_settled() == before);
        refused += !all;
        if (!failed)
            break;
    }
    CHECK(n > 10 && n < 200 && refused > 5);
}
