/* SPDX-License-Identifier: MIT */
/*
 * Mapping pages in an MM by their addresses, for self-tests, whichever MM is
 * loaded; and whether what an MM has counted is so.
 */
#pragma once

#include "kernel/abi/errno.h"
#include "mm/area.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/map.h"
#include "mm/mm.h"

/* Anonymous private memory at [start, end) if nothing is there. 0 or error. */
static inline int map_pages(struct mm *mm, uint32_t start, uint32_t end,
                            uint32_t flags)
{
    struct area like = {.flags = flags};
    int32_t at = mm_map(mm, start, end - start, MAP_IF_FREE, &like);
    return IS_ERROR(at) ? at : at == (int32_t)start ? 0 : -EIO;
}

static inline int unmap_pages(struct mm *mm, uint32_t start, uint32_t end)
{
    return mm_unmap(mm, start, end - start);
}

/* The frame at a page, without a reference; NULL if there is none. */
static inline struct frame *mapped_frame(const struct mm *mm, uint32_t page)
{
    return page_lookup(&mm->tables, page).frame;
}

/* The first word of a page; 0 if it has no frame. */
static inline uint32_t mark_at(const struct mm *mm, uint32_t page)
{
    struct frame *frame = mapped_frame(mm, page);
    if (!frame)
        return 0;
    uint32_t *word = kmap(frame), mark = *word;
    kunmap(word);
    return mark;
}

/* Write the first word of a page, as a program would: brings it in. */
static inline int mark_page(struct mm *mm, uint32_t page, uint32_t mark)
{
    int error = mm_fault(mm, page, AREA_WRITE);
    if (error)
        return error;
    uint32_t *word = kmap(mapped_frame(mm, page));
    *word = mark;
    kunmap(word);
    return 0;
}

/* Whether an MM that rests has counted its areas and pages right. */
static inline bool counts_right(const struct mm *mm)
{
    uint32_t covered = 0;
    bool right = true;
    for (uint32_t q = 0; q < USER_QUARTERS; q++) {
        uint32_t first = q << QUARTER_SHIFT, end = first + QUARTER_BYTES;
        uint32_t areas = 0, pages = 0;
        const struct page_tables *t = &mm->tables;
        struct area *root = mm->quarter[q]->areas, *a;
        for (a = area_find(root, first); a; a = area_find(root, a->end)) {
            areas++;
            covered += (a->end - a->start) >> PAGE_SHIFT;
        }
        struct page_walk walk;
        for_each_page (&walk, t, first, end)
            pages++;
        right &= areas == mm->quarter[q]->area_count;
        right &= pages == mm->quarter[q]->pages;
    }
    return right && covered == mm->pages;
}
