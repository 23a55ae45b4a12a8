/* SPDX-License-Identifier: MIT */
/*
 * Adding and removing areas. A request that crosses a quarter's border becomes
 * one area a quarter.
 *
 * The MM's lock keeps other requests away from the beginning to the end, so
 * what is found free stays free; a quarter's lock is held only for what is done
 * in it, so faults elsewhere go on. Removal keeps the order that coherence
 * needs: clear the entries, collecting the frames, flush every CPU that may
 * cache them, and only then free and let the addresses go.
 */
#include "mm/map.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/limits.h"
#include "kernel/stop.h"
#include "mm/area.h"
#include "mm/map_parts.h"
#include "mm/mm.h"
#include "mm/swap.h"
#include "mm/tlb.h"

bool mm_may_add(const struct mm *mm, uint32_t pages)
{
    uint64_t limit = limit_of(ABI_RLIMIT_AS) >> PAGE_SHIFT;
    return (uint64_t)mm->pages + pages <= limit;
}

void map_count_areas(struct quarter *quarter) REQUIRES(quarter->lock)
{
    quarter->area_count = quarter->areas ? quarter->areas->count : 0;
}

static uint32_t areas_of(const struct mm *mm)
{
    uint32_t sum = 0;
    for (uint32_t q = 0; q < USER_QUARTERS; q++)
        sum += mm->quarter[q]->area_count;
    return sum;
}

/* A stretch that reaches over borders of quarters, as high as possible. */
static uint32_t room_across(const struct mm *mm, uint32_t length)
{
    uint32_t top = 0; /* of what is free so far, going down */
    for (uint32_t q = USER_QUARTERS; q-- > 0;) {
        const struct area *tree = mm->quarter[q]->areas;
        uint32_t first = q ? q << QUARTER_SHIFT : MAP_LOWEST;
        uint32_t free_from = tree ? tree->last : first;
        if (top > free_from && top - free_from >= length)
            return top - length;
        if (tree || !top)
            top = tree ? tree->first : first + QUARTER_BYTES;
        if (top > mm->map_top)
            top = mm->map_top;
    }
    return 0;
}

uint32_t map_find_room(const struct mm *mm, uint32_t length)
{
    uint32_t from, to, found = 0;
    for (uint32_t q = USER_QUARTERS; q-- > 0 && !found;)
        if (quarter_clip(q, MAP_LOWEST, mm->map_top, &from, &to))
            found = area_room(mm->quarter[q]->areas, from, to, length);
    if (!found)
        found = room_across(mm, length);
    for (uint32_t q = USER_QUARTERS; q-- > 0 && !found;)
        if (quarter_clip(q, mm->map_top, USER_END, &from, &to))
            found = area_room(mm->quarter[q]->areas, from, to, length);
    return found;
}

bool map_is_free(const struct mm *mm, uint32_t start, uint32_t end)
{
    uint32_t from, to;
    for_each_quarter (q, start, end, from, to) {
        const struct area *area = area_find(mm->quarter[q]->areas, from);
        if (area && area->start < to)
            return false;
    }
    return true;
}

void quarter_gather_pages(struct quarter *quarter, uint32_t from, uint32_t to,
                          struct tlb_gather *gather)
{
    struct page_walk walk;
    for_each_page (&walk, &gather->mm->tables, from, to) {
        quarter->pages--;
        page_walk_remove(&walk);
        if (walk.mapped.flags & MAP_SWAPPED)
            swap_put(swap_slot(walk.mapped));
        else
            tlb_gather(gather, walk.address, walk.mapped.frame);
    }
}

/* The pages of the areas in `cut`, and tables of which nothing is left. */
static void remove_pages(struct mm *mm, struct quarter *quarter,
                         const struct area *cut, uint32_t from, uint32_t to)
    REQUIRES(quarter->lock)
{
    struct tlb_gather gather;
    struct frame *table;
    tlb_gather_start(&gather, mm);
    if (cut) /* no other area has pages there */
        quarter_gather_pages(quarter, from, to, &gather);
    while ((table = page_table_remove(&mm->tables, &from, to)))
        tlb_gather_table(&gather, from, table);
    tlb_gather_finish(&gather);
}

int map_remove(struct mm *mm, uint32_t start, uint32_t end)
{
    uint32_t from, to;
    for_each_quarter (q, start, end, from, to) {
        struct quarter *quarter = mm->quarter[q];
        struct area *cut = NULL;
        mutex_lock(&quarter->lock);
        int error = area_cut(&quarter->areas, from, to, &cut);
        if (!error)
            remove_pages(mm, quarter, cut, from, to);
        map_count_areas(quarter);
        mutex_unlock(&quarter->lock);
        uint32_t pages = area_free_all(cut);
        __atomic_fetch_sub(&mm->pages, pages, __ATOMIC_RELAXED);
        if (error)
            return error;
    }
    return 0;
}

int map_add(struct mm *mm, uint32_t start, uint32_t end,
            const struct area *like)
{
    uint32_t from, to;
    for_each_quarter (q, start, end, from, to) {
        struct quarter *quarter = mm->quarter[q];
        struct area piece = *like;
        piece.offset += (from - start) >> PAGE_SHIFT;
        mutex_lock(&quarter->lock);
        if (like->flags & AREA_SHARED)
            __atomic_store_n(&quarter->shares, true, __ATOMIC_RELAXED);
        int error = area_add(&quarter->areas, from, to, &piece);
        map_count_areas(quarter);
        mutex_unlock(&quarter->lock);
        if (error) {
            map_remove(mm, start, from); /* what earlier quarters got */
            return error;
        }
        __atomic_fetch_add(&mm->pages, (to - from) >> PAGE_SHIFT,
                           __ATOMIC_RELAXED);
    }
    return 0;
}

/* Where a request goes, with room made for it. The address or an error. */
static int32_t make_room(struct mm *mm, uint32_t address, uint32_t length,
                         enum map_place place)
{
    bool fits = length <= USER_END && address <= USER_END - length;
    if (place == MAP_HINT) {
        address = round_down(address, PAGE_SIZE);
        if (address < MAP_LOWEST || !fits ||
            !map_is_free(mm, address, address + length))
            address = map_find_room(mm, length);
        return address ? (int32_t)address : -ENOMEM;
    }
    if (!fits)
        return -ENOMEM;
    if (address & PAGE_MASK)
        return -EINVAL;
    if (address < USER_START)
        return -EPERM;
    if (map_is_free(mm, address, address + length))
        return (int32_t)address;
    if (place == MAP_IF_FREE)
        return -EEXIST;
    int error = map_remove(mm, address, address + length);
    return error ? error : (int32_t)address;
}

/* Pages that areas cover in [start, end). */
static uint32_t pages_in(const struct mm *mm, uint32_t start, uint32_t end)
{
    uint32_t from, to, bytes = 0;
    for_each_quarter (q, start, end, from, to) {
        const struct area *area;
        while (from < to && (area = area_find(mm->quarter[q]->areas, from)) &&
               area->start < to) {
            uint32_t first = area->start > from ? area->start : from;
            from = area->end < to ? area->end : to;
            bytes += from - first;
        }
    }
    return bytes >> PAGE_SHIFT;
}

static int32_t map_locked(struct mm *mm, uint32_t address, uint32_t length,
                          enum map_place place, const struct area *like)
{
    uint32_t end = round_up(length, PAGE_SIZE);
    if (!length)
        return -EINVAL;
    if (!end || areas_of(mm) >= MM_AREAS_MAX)
        return -ENOMEM;
    uint32_t more = end >> PAGE_SHIFT;
    if (!mm_may_add(mm, more) &&
        (place != MAP_FIXED ||
         !mm_may_add(mm, more - pages_in(mm, address, address + end))))
        return -ENOMEM;
    int32_t at = make_room(mm, address, end, place);
    if (IS_ERROR(at))
        return at;
    STOP_POINT(map_placed);
    int error = map_add(mm, (uint32_t)at, (uint32_t)at + end, like);
    return error ? error : at;
}

int32_t mm_map(struct mm *mm, uint32_t address, uint32_t length,
               enum map_place place, const struct area *like)
{
    mutex_lock(&mm->lock);
    int32_t at = map_locked(mm, address, length, place, like);
    mutex_unlock(&mm->lock);
    return at;
}

int mm_unmap(struct mm *mm, uint32_t start, uint32_t length)
{
    uint32_t bytes = round_up(length, PAGE_SIZE);
    if (start & PAGE_MASK || !bytes || bytes > USER_END ||
        start > USER_END - bytes)
        return -EINVAL;
    mutex_lock(&mm->lock);
    int error = map_remove(mm, start, start + bytes);
    mutex_unlock(&mm->lock);
    return error;
}

uint32_t mm_set_break(struct mm *mm, uint32_t end)
{
    static const struct area heap = {.flags = AREA_READ | AREA_WRITE};
    mutex_lock(&mm->lock);
    uint32_t old_pages = round_up(mm->break_end, PAGE_SIZE);
    uint32_t new_pages = round_up(end, PAGE_SIZE);
    if (end >= mm->break_start && end <= USER_END - PAGE_SIZE &&
        end - mm->break_start <= limit_of(ABI_RLIMIT_DATA)) {
        int32_t error = 0;
        if (new_pages < old_pages)
            error = map_remove(mm, new_pages, old_pages);
        else if (new_pages > old_pages &&
                 !map_is_free(mm, old_pages, new_pages + PAGE_SIZE))
            error = -ENOMEM; /* a page stays free between heap and others */
        else if (new_pages > old_pages)
            error = map_locked(mm, old_pages, new_pages - old_pages,
                               MAP_IF_FREE, &heap);
        if (!IS_ERROR(error))
            mm->break_end = end;
    }
    end = mm->break_end;
    mutex_unlock(&mm->lock);
    return end;
}
