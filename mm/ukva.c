/* SPDX-License-Identifier: MIT */
/*
 * Addresses of an MM's kernel region, as areas in a tree like a program's: the
 * neighbours that tasks' stacks are become one area, so that the record of a
 * region is small however many there are. Since several CPUs run the MM, all of
 * this is done under a lock of the region (Torvalds, 2002: updates must be
 * SMP-safe), a spin lock, because a task frees its stack when it cannot sleep
 * any more.
 *
 * An address is given back only after every CPU that could hold its old
 * translation has flushed it.
 */
#include "mm/ukva.h"

#include "kernel/panic.h"
#include "machine/layout.h"
#include "machine/paging.h"
#include "mm/area.h"
#include "mm/frame.h"
#include "mm/mm.h"
#include "mm/tlb.h"

void ukva_init(struct ukva *ukva)
{
    spin_init(&ukva->lock, "ukva", RANK_UKVA);
}

static uintptr_t take(struct mm *mm, uint32_t pages) REQUIRES(mm->ukva.lock)
{
    static const struct area like; /* all alike: neighbours become one */
    uint32_t bytes = (pages + 1) * PAGE_SIZE;
    uint32_t start = area_room(mm->ukva.areas, UKVA_START, UKVA_END, bytes);
    if (!start || area_add(&mm->ukva.areas, start, start + bytes, &like))
        return 0;
    return start + PAGE_SIZE;
}

/* Give addresses back; if dividing their area fails they are lost to the MM. */
static void give(struct mm *mm, uintptr_t start, uint32_t pages)
    REQUIRES(mm->ukva.lock)
{
    struct area *cut = NULL;
    if (!area_cut(&mm->ukva.areas, start - PAGE_SIZE, start + pages * PAGE_SIZE,
                  &cut))
        area_free_all(cut);
}

uintptr_t ukva_take(struct mm *mm, uint32_t pages)
{
    spin_lock(&mm->ukva.lock);
    uintptr_t start = take(mm, pages);
    spin_unlock(&mm->ukva.lock);
    return start;
}

/* Map a range to fresh frames; false: memory is out, and part of it is. */
static bool map(struct mm *mm, uintptr_t start, uint32_t pages)
    REQUIRES(mm->ukva.lock)
{
    struct page_cursor cursor = {.tables = &mm->tables};
    uint32_t done = 0;
    for (; done < pages; done++) {
        struct frame *frame = frame_alloc(FRAME_ANY);
        if (!frame)
            break;
        if (ukva_enter(&cursor, start + done * PAGE_SIZE, frame)) {
            frame_put(frame);
            break;
        }
        __atomic_fetch_add(&mm->ukva.pages, 1, __ATOMIC_RELAXED);
        mm->ukva.newest = frame;
    }
    page_cursor_end(&cursor);
    return done == pages;
}

/* Clear the entries of a range; its frames are freed after the flush. */
static void unmap(struct tlb_gather *gather, uintptr_t start, uint32_t pages)
{
    struct page_cursor cursor = {.tables = &gather->mm->tables};
    for (uint32_t i = 0; i < pages; i++) {
        uintptr_t address = start + i * PAGE_SIZE;
        struct frame *frame = ukva_remove(&cursor, address);
        if (!frame)
            continue; /* memory was out when it was made */
        __atomic_fetch_sub(&gather->mm->ukva.pages, 1, __ATOMIC_RELAXED);
        tlb_gather(gather, address, frame);
    }
    page_cursor_end(&cursor);
}

uintptr_t ukva_alloc(struct mm *mm, uint32_t pages)
{
    spin_lock(&mm->ukva.lock);
    uintptr_t start = take(mm, pages);
    bool mapped = start && map(mm, start, pages);
    spin_unlock(&mm->ukva.lock);
    if (mapped || !start)
        return mapped ? start : 0;
    struct tlb_gather gather;
    tlb_gather_start(&gather, mm);
    unmap(&gather, start, pages);
    tlb_gather_finish(&gather);
    spin_lock(&mm->ukva.lock);
    give(mm, start, pages);
    spin_unlock(&mm->ukva.lock);
    return 0;
}

/* Ranges are somebody's until they are given back: entries need no lock. */
void ukva_free(struct mm *mm, uintptr_t chain, uint32_t pages)
{
    uintptr_t range[UKVA_BATCH];
    uint32_t count = 0;
    struct tlb_gather gather;
    tlb_gather_start(&gather, mm);
    while (chain) {
        ASSERT(count < UKVA_BATCH);
        range[count] = chain;
        chain = *(uintptr_t *)chain;
        unmap(&gather, range[count++], pages);
    }
    tlb_gather_finish(&gather);
    spin_lock(&mm->ukva.lock);
    while (count)
        give(mm, range[--count], pages);
    spin_unlock(&mm->ukva.lock);
}

void ukva_destroy(struct mm *mm)
{
    struct page_cursor cursor = {.tables = &mm->tables};
    struct area *areas = mm->ukva.areas, *a = area_find(areas, UKVA_START);
    uint32_t slots = mm->ukva.slots.start; /* map what is others' */
    for (; a; a = area_find(areas, a->end))
        for (uint32_t at = a->start; at < a->end; at += PAGE_SIZE) {
            if (at == slots) {
                at += (POOL_SLOTS - 1) * PAGE_SIZE;
                continue;
            }
            struct frame *frame = ukva_remove(&cursor, at);
            if (frame)
                frame_put(frame);
        }
    page_cursor_end(&cursor);
    area_free_all(areas);
}
