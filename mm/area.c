/* SPDX-License-Identifier: MIT */
/*
 * Areas: which user addresses mean something, and with which rights. A quarter
 * keeps its areas as a list ascending by address, under its lock; a request
 * that crosses a quarter's border becomes one area a quarter.
 *
 * Removal keeps the order that coherence needs: clear the entries, collecting
 * the frames, flush every CPU that may cache them, and only then free.
 */
#include "kernel/abi/errno.h"
#include "kernel/panic.h"
#include "mm/frame.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/tlb.h"

static struct slab_cache area_cache =
    SLAB_CACHE("areas", sizeof(struct area), 16);

/* The part of [start, end) that lies in quarter q; false if there is none. */
static bool clip(uint32_t q, uint32_t start, uint32_t end, uint32_t *from,
                 uint32_t *to)
{
    uint32_t first = q << QUARTER_SHIFT, behind = first + QUARTER_BYTES;
    *from = start > first ? start : first;
    *to = end < behind ? end : behind;
    return *from < *to;
}

static int insert(struct quarter *quarter, uint32_t start, uint32_t end,
                  uint32_t flags) REQUIRES(quarter->lock)
{
    struct area **link = &quarter->areas, *before = NULL;
    while (*link && (*link)->end <= start) {
        before = *link;
        link = &before->next;
    }
    if (*link && (*link)->start < end)
        return -EEXIST;
    if (before && before->end == start && before->flags == flags) {
        before->end = end;
        return 0;
    }
    struct area *area = slab_alloc(&area_cache);
    if (!area)
        return -ENOMEM;
    *area = (struct area){
        .next = *link, .start = start, .end = end, .flags = flags};
    *link = area;
    quarter->area_count++;
    return 0;
}

int mm_map(struct mm *mm, uint32_t start, uint32_t end, uint32_t flags)
{
    if (start < USER_START || end > USER_END || start >= end ||
        ((start | end) & PAGE_MASK))
        return -EINVAL;
    for (uint32_t q = 0; q < USER_QUARTERS; q++) {
        uint32_t from, to;
        if (!clip(q, start, end, &from, &to))
            continue;
        struct quarter *quarter = mm->quarter[q];
        mutex_lock(&quarter->lock);
        int error = insert(quarter, from, to, flags);
        mutex_unlock(&quarter->lock);
        if (error) {
            mm_unmap(mm, start, from); /* what earlier quarters got */
            return error;
        }
    }
    return 0;
}

/* Take [start, end) out of the areas; at most one of them is split. */
static int cut_areas(struct quarter *quarter, uint32_t start, uint32_t end)
    REQUIRES(quarter->lock)
{
    struct area **link = &quarter->areas;
    while (*link && (*link)->start < end) {
        struct area *area = *link;
        if (area->end <= start) {
            link = &area->next;
        } else if (area->start < start && area->end > end) {
            struct area *rest = slab_alloc(&area_cache);
            if (!rest)
                return -ENOMEM;
            *rest = (struct area){.next = area->next,
                                  .start = end,
                                  .end = area->end,
                                  .flags = area->flags};
            area->end = start;
            area->next = rest;
            quarter->area_count++;
            return 0;
        } else if (area->start < start) {
            area->end = start;
            link = &area->next;
        } else if (area->end > end) {
            area->start = end;
            return 0;
        } else {
            *link = area->next;
            quarter->area_count--;
            slab_free(&area_cache, area);
        }
    }
    return 0;
}

#define BATCH 64 /* frames collected before a flush */

/* Clear the entries of [start, end), flush, free, a batch at a time. */
static void unmap_pages(struct mm *mm, struct quarter *quarter, uint32_t start,
                        uint32_t end) REQUIRES(quarter->lock)
{
    struct frame *frames[BATCH];
    uint32_t at = page_next(&mm->tables, start, end);
    while (at < end) {
        uint32_t first = at, count = 0;
        for (; at < end && count < BATCH;
             at = page_next(&mm->tables, at + PAGE_SIZE, end))
            frames[count++] = page_remove(&mm->tables, at).frame;
        quarter->pages -= count;
        tlb_flush_range(mm, first, at);
        while (count)
            frame_put(frames[--count]);
    }
}

int mm_unmap(struct mm *mm, uint32_t start, uint32_t end)
{
    for (uint32_t q = 0; q < USER_QUARTERS; q++) {
        uint32_t from, to;
        if (!clip(q, start, end, &from, &to))
            continue;
        struct quarter *quarter = mm->quarter[q];
        mutex_lock(&quarter->lock);
        int error = cut_areas(quarter, from, to);
        if (!error)
            unmap_pages(mm, quarter, from, to);
        mutex_unlock(&quarter->lock);
        if (error)
            return error;
    }
    return 0;
}

/* Grow or make the heap's area so that it ends at `end`. */
static int grow_heap(struct mm *mm, uint32_t old_end, uint32_t end)
{
    return end > old_end ? mm_map(mm, old_end, end, MAP_WRITE) : 0;
}

uint32_t mm_set_break(struct mm *mm, uint32_t end)
{
    mutex_lock(&mm->lock);
    if (end >= mm->break_start && end <= USER_END - PAGE_SIZE) {
        uint32_t old_pages = round_up(mm->break_end, PAGE_SIZE);
        uint32_t new_pages = round_up(end, PAGE_SIZE);
        int error = new_pages < old_pages ? mm_unmap(mm, new_pages, old_pages)
                                          : grow_heap(mm, old_pages, new_pages);
        if (!error)
            mm->break_end = end;
    }
    end = mm->break_end;
    mutex_unlock(&mm->lock);
    return end;
}
