/* SPDX-License-Identifier: MIT */
/*
 * The frame allocator. A zone (low, high) has a list of freed frames and the
 * ranges that were never handed out; a frame is taken from the list, else cut
 * from the last range. So booting with 64 GiB writes no list of 16 million
 * entries, and the records of untouched frames stay zero.
 *
 * Each CPU keeps up to FRAME_CACHE_SIZE frames a zone for itself and goes to
 * the zone's lock only for a batch. The cache is used with interrupts off and
 * by its own CPU, which is all the locking it needs.
 *
 * FRAME_ANY does not take the last part of low memory: user pages must not
 * starve the kernel's own structures. New tasks leave half of that: it is for
 * the page tables that faults need.
 */
#include "mm/frame.h"

#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "kernel/string.h"
#include "machine/boot.h"
#include "machine/cpu.h"
#include "machine/paging.h"
#include "mm/fail.h"
#include "mm/kmap.h"

struct zone_state {
    struct spinlock lock;
    struct frame *list; /* freed frames */
    uint32_t free;      /* on the list and in the ranges */
    uint32_t total;     /* all that were ever free */
    uint32_t reserve;   /* FRAME_ANY leaves as many */
    uint32_t ranges;    /* never handed out */
    struct boot_range range[BOOT_RANGES];
};

static struct zone_state zones[ZONES] = {
    [ZONE_LOW] = {.lock = SPINLOCK("low frames", RANK_FRAME)},
    [ZONE_HIGH] = {.lock = SPINLOCK("high frames", RANK_FRAME)},
};

uint32_t frame_table_bytes;

static void zone_add(enum zone which, phys_t start, phys_t end)
{
    struct zone_state *zone = &zones[which];
    if (start >= end)
        return;
    ASSERT(zone->ranges < BOOT_RANGES);
    zone->range[zone->ranges++] = (struct boot_range){start, end};
    zone->free += (uint32_t)((end - start) >> PAGE_SHIFT);
    zone->total = zone->free;
}

void frame_init(void)
{
    phys_t low_end = paging_low_end();
    for (uint32_t i = 0; i < boot_info.ranges; i++) {
        struct boot_range r = boot_info.range[i];
        zone_add(ZONE_LOW, r.start, r.end < low_end ? r.end : low_end);
        zone_add(ZONE_HIGH, r.start > low_end ? r.start : low_end, r.end);
    }
    zones[ZONE_LOW].reserve = zones[ZONE_LOW].total / 16;
}

#define LOW_KEPT (8u << (20 - PAGE_SHIFT)) /* by frames_set_aside() */

uint32_t frames_set_aside(uint32_t pages, struct boot_range *range,
                          uint32_t *ranges)
{
    uint32_t taken = 0;
    *ranges = 0;
    for (enum zone which = ZONES; which-- > 0;) {
        struct zone_state *zone = &zones[which];
        uint32_t kept = which == ZONE_LOW ? LOW_KEPT : 0;
        uint32_t free = zone->free;
        while (zone->ranges && taken < pages && zone->free > kept) {
            struct boot_range *last = &zone->range[zone->ranges - 1];
            uint32_t count =
                (uint32_t)((last->end - last->start) >> PAGE_SHIFT);
            if (count > pages - taken)
                count = pages - taken;
            if (count > zone->free - kept)
                count = zone->free - kept;
            phys_t end = last->end;
            last->end -= (phys_t)count << PAGE_SHIFT;
            range[(*ranges)++] = (struct boot_range){last->end, end};
            if (last->start == last->end)
                zone->ranges--;
            zone->free -= count;
            taken += count;
        }
        zone->total -= free - zone->free;
    }
    zones[ZONE_LOW].reserve = zones[ZONE_LOW].total / 16;
    return taken;
}

/* Take one frame from a zone that has one. */
static struct frame *zone_take(struct zone_state *zone, enum zone which)
{
    struct frame *frame = zone->list;
    if (frame) {
        zone->list = frame->next;
    } else {
        struct boot_range *last = &zone->range[zone->ranges - 1];
        last->end -= PAGE_SIZE;
        frame = frame_at(last->end);
        frame->state = FRAME_FREE;
        frame->zone = which;
        if (last->start == last->end)
            zone->ranges--;
    }
    zone->free--;
    return frame;
}

static void cache_refill(struct frame_cache *cache, enum zone which,
                         uint32_t reserve)
{
    struct zone_state *zone = &zones[which];
    counter_add(COUNTER_frames_cache_refills, 1);
    spin_lock(&zone->lock);
    while (cache->count[which] < FRAME_CACHE_BATCH && zone->free > reserve)
        cache->frame[which][cache->count[which]++] = zone_take(zone, which);
    spin_unlock(&zone->lock);
}

static void cache_return(struct frame_cache *cache, enum zone which,
                         uint32_t keep)
{
    struct zone_state *zone = &zones[which];
    spin_lock(&zone->lock);
    while (cache->count[which] > keep) {
        struct frame *frame = cache->frame[which][--cache->count[which]];
        frame->next = zone->list;
        zone->list = frame;
        zone->free++;
    }
    spin_unlock(&zone->lock);
}

static struct frame *take(enum zone which, uint32_t reserve)
{
    struct frame_cache *cache = &this_cpu()->frame_cache;
    struct frame *frame = NULL;
    uint32_t interrupts = interrupts_save();
    if (cache->count[which] == 0 && zones[which].free > reserve)
        cache_refill(cache, which, reserve);
    if (cache->count[which])
        frame = cache->frame[which][--cache->count[which]];
    interrupts_restore(interrupts);
    return frame;
}

struct frame *frame_alloc(enum frame_want want)
{
    struct frame *frame = NULL;
    if (!fail_now()) {
        if (want == FRAME_ANY)
            frame = take(ZONE_HIGH, 0);
        if (!frame)
            frame =
                take(ZONE_LOW, want == FRAME_ANY ? zones[ZONE_LOW].reserve : 0);
    }
    if (!frame) {
        counter_add(COUNTER_alloc_failures, 1);
        return NULL;
    }
    DEBUG_ASSERT(frame->state == FRAME_FREE && frame->references == 0);
    DEBUG_DO(check_frame_reused(frame));
    frame->state = FRAME_USED;
    frame->owner = NULL;
    frame->offset = 0;
    frame->references = 1;
    counter_add(COUNTER_frames_allocated, 1);
    return frame;
}

struct frame *frame_alloc_zeroed(enum frame_want want)
{
    struct frame *frame = frame_alloc(want);
    if (frame)
        frame_clear(frame);
    return frame;
}

static void frame_free(struct frame *frame)
{
    enum zone which = frame->zone;
    struct frame_cache *cache = &this_cpu()->frame_cache;
    ASSERT(frame->pins == 0);
    DEBUG_ASSERT(frame->state == FRAME_USED);
    DEBUG_DO(check_frame_freed(frame));
    frame->state = FRAME_FREE;
    uint32_t interrupts = interrupts_save();
    if (cache->count[which] == FRAME_CACHE_SIZE)
        cache_return(cache, which, FRAME_CACHE_SIZE - FRAME_CACHE_BATCH);
    cache->frame[which][cache->count[which]++] = frame;
    interrupts_restore(interrupts);
    counter_add(COUNTER_frames_freed, 1);
}

void frame_put(struct frame *frame)
{
    DEBUG_ASSERT(frame->state >= FRAME_USED && frame->references > 0);
    /* Release: our stores to the page come before whoever frees it. */
    if (__atomic_sub_fetch(&frame->references, 1, __ATOMIC_ACQ_REL) == 0)
        frame_free(frame);
}

uint32_t frames_for_any(void)
{
    uint32_t low = zones[ZONE_LOW].free, reserve = zones[ZONE_LOW].reserve;
    return zones[ZONE_HIGH].free + (low > reserve ? low - reserve : 0);
}

uint32_t frames_for_low(void)
{
    return zones[ZONE_LOW].free;
}

bool frames_suffice(void)
{
    const uint32_t enough = 16;
    return frames_for_low() >= enough && frames_for_any() >= enough;
}

bool frames_for_task(void)
{
    return zones[ZONE_LOW].free > zones[ZONE_LOW].reserve / 2 &&
           frames_for_any() >= FRAMES_FOR_FAULTS;
}

void frame_cache_drain(void)
{
    uint32_t interrupts = interrupts_save();
    for (enum zone which = 0; which < ZONES; which++)
        cache_return(&this_cpu()->frame_cache, which, 0);
    interrupts_restore(interrupts);
}

void frame_stats(struct frame_stats *stats)
{
    for (enum zone which = 0; which < ZONES; which++) {
        stats->total[which] = zones[which].total;
        stats->free[which] = zones[which].free;
        struct cpu *cpu;
        for_each_cpu (cpu)
            stats->free[which] += cpu->frame_cache.count[which];
    }
}
