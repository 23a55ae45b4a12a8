/* SPDX-License-Identifier: MIT */
/*
 * The hand of page-out: see pageout.h. A quarter's lock is held for one batch:
 * entries are changed, flushed everywhere, and then the lock may go. A frame is
 * written only after that flush, so no store that a stale translation still let
 * through is missed; and only if nobody maps it, which swap_out() sees.
 */
#include "mm/pageout.h"

#include "kernel/counters.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/stop.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "machine/time.h"
#include "mm/area.h"
#include "mm/frame.h"
#include "mm/mm.h"
#include "mm/object.h"
#include "mm/swap.h"
#include "mm/tlb.h"

#define LOOK_AT 1024 /* pages, before others get the quarter's lock */

/* Frames that FRAME_ANY finds: below the first it starts, above it stops. */
#define FRAMES_LOW    128
#define FRAMES_ENOUGH 256
#define LOW_ENOUGH    64 /* of low memory, which it looks at only when asked */

/* A new task that was refused finds room after a pass, and starts one. */
_Static_assert(FRAMES_LOW < FRAMES_FOR_FAULTS &&
                   FRAMES_FOR_FAULTS < FRAMES_ENOUGH,
               "page-out makes room for new tasks");

static bool any_enough(void)
{
    return frames_for_any() >= FRAMES_ENOUGH;
}

static bool is_enough(void)
{
    return any_enough() && frames_for_low() >= LOW_ENOUGH;
}

/* A pass that frees fewer is in vain: what it took will be needed at once. */
#define FRAMES_FEW 16

/* A page may fill two: with a private copy, and with what the object has. */
static uint32_t room_for(const struct pageout *round)
{
    return (PAGEOUT_BATCH - round->slots) / 2;
}

static bool is_full(const struct pageout *round)
{
    return !room_for(round) || round->looked >= LOOK_AT;
}

/* The page that the walk is at: taken out, or given another chance. */
static void look_at_page(struct pageout *round, struct quarter *quarter,
                         const struct area *area, struct page_walk *walk,
                         struct tlb_gather *gather) REQUIRES(quarter->lock)
{
    struct mapping m = walk->mapped;
    round->looked++;
    if (m.flags & MAP_SWAPPED || (round->low && m.frame->zone != ZONE_LOW) ||
        __atomic_load_n(&m.frame->pins, __ATOMIC_ACQUIRE))
        return;
    if (page_walk_age(walk)) {
        counter_add(COUNTER_pages_aged, 1);
        tlb_gather(gather, walk->address, NULL);
        if (!round->force)
            return;
    }
    if (area->object && m.frame->owner == area->object) {
        page_walk_remove(walk);
        quarter->pages--;
    } else {
        uint32_t slot = swap_take(m.frame);
        if (slot == SWAP_NONE)
            return;
        page_walk_swap(walk, slot);
        round->slot[round->slots++] = slot;
    }
    tlb_gather(gather, walk->address, m.frame);
}

/* From the round's address on; that is where it ended if it is full. */
static void look_at_area(struct pageout *round, struct quarter *quarter,
                         const struct area *area, struct tlb_gather *gather)
    REQUIRES(quarter->lock)
{
    struct page_walk walk;
    uint32_t from = round->address > area->start ? round->address : area->start;
    uint32_t end = round->address = area->end;
    if (area->flags & AREA_LOCKED)
        return;
    /* All that the object has there must find room. */
    if (area->object && (end - from) >> PAGE_SHIFT > room_for(round))
        end = round->address = from + (room_for(round) << PAGE_SHIFT);
    for_each_page (&walk, &gather->mm->tables, from, end) {
        if (is_full(round)) {
            round->address = walk.address;
            page_walk_end(&walk);
            break;
        }
        look_at_page(round, quarter, area, &walk, gather);
    }
    if (!area->object)
        return;
    tlb_gather_finish(gather); /* the object's is the last reference now */
    round->slots += object_page_out(
        area->object, area_page(area, from),
        (round->address - from) >> PAGE_SHIFT, round->slot + round->slots,
        PAGEOUT_BATCH - round->slots, &round->freed);
}

/* A batch of the quarter in which the round's address lies. */
static void look_at_quarter(struct pageout *round,
                            struct mm *mm) UNCHECKED_LOCKING
{
    struct quarter *quarter = mm->quarter[round->address >> QUARTER_SHIFT];
    struct tlb_gather gather;
    struct area *area = NULL;
    round->looked = round->slots = 0;
    if (mutex_trylock(&quarter->lock)) {
        tlb_gather_start(&gather, mm);
        area = area_find(quarter->areas, round->address);
        while (area && !is_full(round)) {
            look_at_area(round, quarter, area, &gather);
            if (!is_full(round))
                area = area_find(quarter->areas, round->address);
        }
        STOP_POINT(pageout_taken);
        tlb_gather_finish(&gather);
        mutex_unlock(&quarter->lock);
    } else {
        round->missed |= round->force;
    }
    if (!area)
        round->address = (quarter->index + 1) << QUARTER_SHIFT;
    for (uint32_t i = 0; i < round->slots; i++)
        round->freed += swap_out(round->slot[i]);
}

void pageout_mm(struct pageout *round, struct mm *mm)
{
    for (round->address = 0; round->address < USER_END;)
        look_at_quarter(round, mm);
}

static struct wait_queue work = WAIT_QUEUE("page-out's work");
static struct wait_queue progress = WAIT_QUEUE("page-out's progress");
static uint32_t asked, done; /* atomic: times */
static uint32_t in_vain;     /* atomic: times without success */

static bool is_done(uint32_t time)
{
    return (int32_t)(__atomic_load_n(&done, __ATOMIC_SEQ_CST) - time) >= 0;
}

/* From MMs older than `hand` on, until there is enough; true: to the last. */
static bool go_round(struct pageout *round, uint32_t *hand)
{
    while (!is_enough()) {
        struct mm *mm = mm_get_below(*hand);
        if (!mm || mm->id + 1 != *hand)
            round->address = 0; /* not the one that we were in */
        *hand = mm ? mm->id + 1 : UINT32_MAX;
        if (!mm)
            return true;
        while (round->address < USER_END && !is_enough()) {
            round->low = any_enough();
            look_at_quarter(round, mm);
        }
        if (round->address >= USER_END) {
            round->address = 0;
            *hand = mm->id;
        }
        mm_leave(mm); /* perhaps the last: its tasks have ended meanwhile */
    }
    return false;
}

/* The rest of a round, one for second chances, one that uses them, and one
 * that takes what there is. */
#define ROUNDS 4

/* Memory is not out because others are at work on who has it. */
#define TRIES   100
#define WAIT_NS 1000000u

/* Whether it was of use. */
static bool page_out(void)
{
    static struct pageout round;
    static uint32_t hand = UINT32_MAX;
    uint32_t before = round.freed;
    for (uint32_t try = 0; try < TRIES; try++) {
        round.missed = false;
        counter_add(COUNTER_pageout_passes, 1);
        for (uint32_t i = 0; i < ROUNDS; i++) {
            round.force = i == ROUNDS - 1;
            if (!go_round(&round, &hand))
                return true;
            round.freed += swap_out_all();
        }
        if (round.freed - before >= FRAMES_FEW)
            return true;
        if (!round.missed)
            break;
        time_sleep_until(clock_ns() + WAIT_NS);
    }
    return false;
}

static void thread(void *unused)
{
    (void)unused;
    for (;;) {
        (void)wait_until_killed(
            &work, !is_done(__atomic_load_n(&asked, __ATOMIC_SEQ_CST)));
        uint32_t time = __atomic_load_n(&asked, __ATOMIC_SEQ_CST);
        if (!is_enough() && !page_out())
            __atomic_fetch_add(&in_vain, 1, __ATOMIC_SEQ_CST);
        __atomic_store_n(&done, time, __ATOMIC_SEQ_CST);
        wait_wake(&progress, UINT32_MAX);
    }
}

void pageout_start(void)
{
    if (swap_total() && task_start_kernel("pageout", thread, NULL))
        panic("no memory for the pageout thread");
}

static uint32_t ask(void)
{
    uint32_t time = __atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
    wait_wake(&work, 1);
    return time;
}

void pageout_nudge(void)
{
    if (swap_total() && frames_for_any() < FRAMES_LOW &&
        is_done(__atomic_load_n(&asked, __ATOMIC_RELAXED)))
        ask();
}

/* Who is to end waits, too: its last steps may need its memory. */
static bool never(void)
{
    return false;
}

static void wait_done(uint32_t time)
{
    (void)wait_loop(&progress, is_done(time), never);
}

bool pageout_relieve(void)
{
    uint32_t before = __atomic_load_n(&in_vain, __ATOMIC_SEQ_CST);
    if (!swap_total())
        return false;
    wait_done(ask());
    /* Others may have taken what it has freed: then it will free more. */
    return __atomic_load_n(&in_vain, __ATOMIC_SEQ_CST) == before;
}

void pageout_settle(void)
{
    if (swap_total())
        wait_done(__atomic_load_n(&asked, __ATOMIC_SEQ_CST));
}
