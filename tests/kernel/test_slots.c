/* SPDX-License-Identifier: MIT */
/*
 * Pools of slots (mm/slots.h), in an MM made for it: what each CPU sees of a
 * slot that is used again, and who is interrupted for that. Actor 0 reads the
 * slots while they are mapped and once more when they were given up, as
 * speculation might; so its TLB is full of stale translations when the other
 * pages come. What it may not see is a page before.
 */
#include "kernel/counters.h"
#include "kernel/string.h"
#include "mm/slots_map.h"
#include "mm/tlb.h"
#include "mm/ukva.h"
#include "tests/kernel/script.h"

#define HALF_SLOTS (POOL_SLOTS / 2)
#define PAGES      3 /* marked 1, 2, 3 */

static struct slot_pool pools[2], *pool = &pools[0];
static struct frame *pages[PAGES];
static void (*job[ACTORS])(void); /* what an actor's next cue is for */
static uint32_t half, expected;   /* for the jobs */
static uint32_t wrong;            /* slots that showed another page; atomic */

static bool make_pool(struct slot_pool *made, struct mm *mm)
{
    uintptr_t start = ukva_take(mm, POOL_SLOTS);
    if (!start ||
        ukva_make_tables(&mm->tables, start, start + POOL_SLOTS * PAGE_SIZE))
        return false;
    slots_init(made, start, mm);
    return true;
}

/* Before its MM goes, which would free what it finds mapped there. */
static void clear_pool(const struct slot_pool *made)
{
    for (uint32_t i = 0; i < POOL_SLOTS; i++)
        kernel_unmap(made->start + i * PAGE_SIZE);
}

static bool make_pages(void)
{
    for (uint32_t i = 0; i < PAGES; i++) {
        if (!(pages[i] = frame_alloc_zeroed(FRAME_ANY)))
            return false;
        uint32_t *word = kmap(pages[i]);
        *word = i + 1;
        kunmap(word);
    }
    return true;
}

static uintptr_t slot_at(uint32_t of_half, uint32_t i)
{
    return pool->start + (of_half * HALF_SLOTS + i) * PAGE_SIZE;
}

/*
 * Jobs. A few slots of the half are read, others in each half: an emulator's
 * TLB may have shrunk to 64 entries that are found by the page number's low
 * bits, and must still hold them when the half is used again.
 */
static void read_some(void)
{
    for (uint32_t i = 32 * half; i < 32 * half + 16; i++)
        if (see(slot_at(half, i)) != expected)
            atomic_add(&wrong, 1);
}

/* All slots of the half are mapped, given up. */
static void map_half(void)
{
    for (uint32_t i = 0; i < HALF_SLOTS; i++)
        CREW_CHECK(slots_map(pool, frame_phys(pages[expected - 1])) ==
                   slot_at(half, i));
}

static void unmap_half(void)
{
    for (uint32_t i = 0; i < HALF_SLOTS; i++)
        slots_unmap(pool, slot_at(half, i));
}

static void load_again(void)
{
    mm_activate(NULL);
    mm_activate(script.mm);
}

static void load_other(void)
{
    mm_activate(NULL);
}

static void act(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    for (uint32_t nth = 1;; nth++) {
        await_cue(index, nth);
        if (!job[index])
            break;
        job[index]();
        is_done(index);
    }
    leave_mm();
}

static bool tell(uint32_t actor, void (*what)(void))
{
    uint32_t before = atomic_get(&script.done[actor]);
    job[actor] = what;
    give_cue(actor);
    return comes_done(actor, before + 1);
}

/* The director is in the MM, too. */
static bool begin(uint32_t actors)
{
    half = wrong = 0;
    pool = &pools[0];
    script.mm = mm_create();
    bool ok = script.mm && make_pool(pool, script.mm) && make_pages() &&
              play(actors, act);
    if (ok)
        enter_mm();
    return ok;
}

static bool end(uint32_t actors)
{
    for (uint32_t i = 0; i < actors; i++) {
        job[i] = NULL;
        give_cue(i);
    }
    bool ok = crew_join();
    if (current_task()->mm) {
        clear_pool(pool);
        leave_mm();
    }
    if (script.mm)
        mm_leave(script.mm);
    for (uint32_t i = 0; i < PAGES; i++) {
        if (pages[i])
            frame_put(pages[i]);
        pages[i] = NULL;
    }
    return ok;
}

static uint64_t calls_of_actor(uint32_t actor)
{
    return cpus[nth_cpu(actor + 1)]->counters.value[COUNTER_ipis_call];
}

/* Page `mark` in all slots of the half; actor 0 reads; given up; read again. */
static bool use_half(uint32_t of_half, uint32_t mark)
{
    half = of_half;
    expected = mark;
    map_half();
    bool ok = tell(0, read_some);
    unmap_half();
    return ok && tell(0, read_some);
}

static bool use_halves(uint32_t from, uint32_t to)
{
    bool ok = true;
    for (uint32_t i = from; i < to; i++)
        ok &= use_half(i % 2, i % PAGES + 1);
    return ok;
}

SELFTEST(slots_wrap,
         "slots show their new page everywhere, for an interrupt a wrap")
{
    if (!can_play("slots_wrap", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = begin(1);
    uint64_t calls = calls_of_actor(0);
    const uint32_t rounds = 12;
    ok = ok && use_halves(0, rounds);
    calls = calls_of_actor(0) - calls;
    ok &= end(1);
    task_set_affinity(0, before);
    CHECK(ok && wrong == 0);
    /* The first two halves were clean; one flush serves two turns. */
    CHECK(calls == (rounds - 2) / 2);
}

SELFTEST(slots_skip, "who has loaded CR3 since the count is not interrupted")
{
    if (!can_play("slots_skip", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = begin(1);
    uint64_t calls = calls_of_actor(0);
    ok = ok && use_halves(0, 2); /* half 0 is cleared and counted */
    ok = ok && tell(0, load_again) && use_half(0, 3);
    bool skipped = calls_of_actor(0) == calls;
    /* Half 1 was counted after that load. */
    ok = ok && use_half(1, 1);
    bool asked = calls_of_actor(0) == calls + 1;
    /* With another root loaded it is not asked at all. */
    ok = ok && tell(0, load_other);
    for (half = 0; half < 2; half++) {
        map_half();
        unmap_half();
    }
    ok = ok && tell(0, load_again);
    skipped &= calls_of_actor(0) == calls + 1;
    ok &= end(1);
    task_set_affinity(0, before);
    CHECK(ok && wrong == 0);
    CHECK(skipped && asked);
}

#ifndef DEBUG /* debug builds panic first */

SELFTEST(slots_broken, "a turn without a flush of the other CPU is caught")
{
    static const struct shootdown broken = {"only here", flush_only_here};
    if (!can_play("slots_broken", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = begin(1);
    shootdown = &broken;
    ok = ok && use_halves(0, 4);
    shootdown = &shootdown_mask;
    ok &= end(1);
    task_set_affinity(0, before);
    CHECK(ok && wrong > 0);
}

#else

/*
 * A CPU loads CR3 in the middle of a turn and reads what there is: if the
 * flush were counted before the entries are gone it would have them in its TLB
 * and still pass for one that has flushed.
 */
SELFTEST(slots_counted, "entries are cleared before their flush is counted")
{
    if (!can_play("slots_counted", 2))
        return;
    cpu_mask before = stay_on(0);
    bool ok = begin(2);
    expected = 1;
    ok = ok && tell(1, map_half) && tell(0, read_some) && tell(1, unmap_half);
    if (ok) {
        expected = 2;
        half = 1;
        stop_arm(STOP_slots_cleared, cpu_of_actor(1), NULL);
        job[1] = map_half;
        give_cue(1);
        ok &= comes_true(stop_reached(STOP_slots_cleared));
        uint32_t seen = wrong;
        half = 0;
        ok &= tell(0, load_again) && tell(0, read_some);
        wrong = seen; /* what it saw then does not matter */
        half = 1;
        stop_release(STOP_slots_cleared);
        ok &= comes_done(1, 3) && tell(1, unmap_half);
        half = 0;
        expected = 3;
        ok &= tell(1, map_half) && tell(0, read_some) && tell(1, unmap_half);
    }
    ok &= end(2);
    task_set_affinity(0, before);
    CHECK(ok && wrong == 0);
}

#endif

SELFTEST(slots_held, "slots held over turns keep their page, to the last one")
{
    cpu_mask before = stay_on(0);
    bool ok = begin(0);
    uint32_t held = 0;
    /* Every second one of those that come, until one is left. */
    for (; ok && held < POOL_SLOTS - 1; held++) {
        uintptr_t at = slots_map(pool, frame_phys(pages[0]));
        ok &= see(at) == 1;
        uintptr_t other = slots_map(pool, frame_phys(pages[held % 2 + 1]));
        ok &= other != at && see(other) == held % 2 + 2;
        slots_unmap(pool, other);
    }
    uint32_t shown = 0;
    for (uint32_t i = 0; i < POOL_SLOTS; i++)
        shown += see(pool->start + i * PAGE_SIZE) == 1;
    ok &= shown == POOL_SLOTS - 1;
    ok &= end(0);
    task_set_affinity(0, before);
    CHECK(ok);
}

/*
 * Two MMs, each with a pool; members of both on all CPUs. Most slots are left
 * out, so that the others come again while TLBs still hold them.
 */
static struct mm *mms[2];

/* Count in two frames in turn, each through two slots. */
static void count_in(struct slot_pool *own, struct frame **frame,
                     uint32_t index)
{
    uint32_t random = index + 1;
    for (uint32_t turn = 0; turn < 200 || crew_goes_on(); turn++) {
        phys_t page = frame_phys(frame[turn % 2]);
        volatile uint32_t *a = (void *)slots_map(own, page);
        volatile uint32_t *b = (void *)slots_map(own, page);
        CREW_CHECK(a != b && a[1] == turn / 2 && b[1] == turn / 2);
        a[1] = turn / 2 + 1;
        a[0] = index;
        CREW_CHECK(b[0] == index && b[1] == turn / 2 + 1);
        slots_unmap(own, (uintptr_t)a);
        /* Whatever lies there now is in our TLB from here on. */
        (void)see(own->start + fuzz_random(&random) % 32 * PAGE_SIZE);
        slots_unmap(own, (uintptr_t)b);
        if (turn % 64 == 0)
            sched_yield_cpu();
    }
}

static void use_slots(uint32_t index)
{
    struct mm *mm = mms[index % 2];
    struct frame *frame[2] = {frame_alloc_zeroed(FRAME_ANY),
                              frame_alloc_zeroed(FRAME_ANY)};
    stay_on(index / 2);
    CREW_CHECK(frame[0] && frame[1]);
    mm_get(mm);
    current_task()->mm = mm;
    mm_activate(mm);
    if (frame[0] && frame[1])
        count_in(&pools[index % 2], frame, index);
    uint32_t interrupts = interrupts_save();
    mm_activate(NULL);
    current_task()->mm = NULL;
    interrupts_restore(interrupts);
    mm_leave(mm);
    for (uint32_t i = 0; i < 2; i++)
        if (frame[i])
            frame_put(frame[i]);
}

SELFTEST(slots_storm, "tasks of two MMs on all CPUs, each sees its own pages")
{
    cpu_mask before = stay_on(0);
    bool ok = true;
    script.mm = NULL; /* see() needs none: its task has one */
    for (uint32_t i = 0; i < 2; i++) {
        mms[i] = mm_create();
        ok = ok && mms[i] && make_pool(&pools[i], mms[i]);
        for (uint32_t w = 0; w < POOL_WORDS; w++)
            if (w % HALF_WORDS)
                pools[i].taken[w] = ~0u;
    }
    uint64_t wraps = counter_read(COUNTER_kmap_wraps);
    ok = ok && crew_run(2 * cpus_running(), use_slots);
    wraps = counter_read(COUNTER_kmap_wraps) - wraps;
    for (uint32_t i = 0; i < 2; i++)
        if ((script.mm = mms[i])) {
            enter_mm();
            clear_pool(&pools[i]);
            leave_mm();
            mm_leave(mms[i]);
        }
    task_set_affinity(0, before);
    CHECK(ok && wraps > 2);
}
