/* SPDX-License-Identifier: MIT */
/*
 * Changing areas where they are: rights and advice; and asking what is there.
 * The range is walked area by area: mprotect stops at a hole, madvise goes on
 * behind it, and both then say -ENOMEM, as in Linux. Fewer rights are flushed
 * before the quarter's lock is released: when the call returns no CPU can
 * write through an old entry.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "mm/frame.h"
#include "mm/map_parts.h"
#include "mm/object.h"

/* A walk over the areas of a range. */
struct walk {
    /* What is done to each; it lies in the range. */
    int (*change)(struct walk *walk, struct quarter *quarter,
                  struct area *area);
    bool over_holes;
    int wraps;         /* the error for a range that does, if not -ENOMEM */
    uint32_t argument; /* for change() */
    struct tlb_gather *gather;
};

/* What of it lies in one quarter. */
static int walk_quarter(struct walk *walk, struct quarter *quarter,
                        uint32_t from, uint32_t to) REQUIRES(quarter->lock)
{
    struct area **root = &quarter->areas, *area = NULL;
    int error = 0, hole = 0;
    for (uint32_t at = from; at < to && !error;) {
        area = area_find(*root, at);
        if (!area || area->start > at)
            hole = -ENOMEM;
        if (!area || area->start >= to || (hole && !walk->over_holes)) {
            area = NULL;
            break;
        }
        error = -ENOMEM;
        if (area->start < at && !(area = area_divide(root, area, at)))
            break;
        if (area->end > to && !area_divide(root, area, to))
            break;
        at = area->end;
        error = walk->change(walk, quarter, area);
        area = area_join(root, area_below(*root, area->start), area);
    }
    if (area)
        area_join(root, area, area_find(*root, to));
    tlb_gather_finish(walk->gather);
    map_count_areas(quarter);
    return error ? error : hole;
}

/* Check the range and walk it under the MM's lock. */
static int walk_range(struct walk *walk, struct mm *mm, uint32_t start,
                      uint32_t length)
{
    uint32_t bytes = round_up(length, PAGE_SIZE), from, to;
    int result = 0;
    if (start & PAGE_MASK)
        return -EINVAL;
    if ((length && !bytes) || bytes > USER_END || start > USER_END - bytes)
        return walk->wraps && (bytes < length || start + bytes < start)
                   ? walk->wraps
                   : -ENOMEM;
    tlb_gather_start(walk->gather, mm);
    mutex_lock(&mm->lock);
    for_each_quarter (q, start, start + bytes, from, to) {
        struct quarter *quarter = mm->quarter[q];
        mutex_lock(&quarter->lock);
        int error = walk_quarter(walk, quarter, from, to);
        mutex_unlock(&quarter->lock);
        if (error)
            result = error;
        if (error && !(walk->over_holes && error == -ENOMEM))
            break;
    }
    mutex_unlock(&mm->lock);
    return result;
}

/* Give the mapped pages of an area the rights that it has now. */
static void protect_pages(struct tlb_gather *gather, const struct area *area)
{
    struct page_walk walk;
    for_each_page (&walk, &gather->mm->tables, area->start, area->end) {
        uint32_t rights = area_rights(area);
        struct mapping old = walk.mapped;
        if (old.flags & MAP_SWAPPED)
            continue; /* it gets its rights when it comes back */
        /* Copy-on-write: writable only if the frame is nobody else's. */
        if (!(area->flags & AREA_SHARED) &&
            __atomic_load_n(&old.frame->references, __ATOMIC_ACQUIRE) > 1)
            rights &= ~MAP_WRITE;
        page_walk_protect(&walk, rights);
        if ((old.flags & ~rights & (MAP_WRITE | MAP_EXECUTE)) ||
            (rights & ~old.flags & MAP_HELD))
            tlb_gather(gather, walk.address, NULL);
    }
}

static int protect(struct walk *walk, struct quarter *quarter,
                   struct area *area)
{
    (void)quarter;
    if (walk->argument & AREA_WRITE && area->flags & AREA_NO_WRITE)
        return -EACCES;
    uint32_t flags = (area->flags & ~AREA_ACCESS) | walk->argument;
    if (flags != area->flags) {
        area->flags = flags;
        protect_pages(walk->gather, area);
    }
    return 0;
}

int mm_protect(struct mm *mm, uint32_t start, uint32_t length, uint32_t access)
{
    struct tlb_gather gather;
    struct walk walk = {
        .change = protect, .argument = access, .gather = &gather};
    return walk_range(&walk, mm, start, length);
}

static int set_locked(struct walk *walk, struct quarter *quarter,
                      struct area *area)
{
    (void)quarter;
    area->flags = (area->flags & ~AREA_LOCKED) | walk->argument;
    return 0;
}

int mm_set_locked(struct mm *mm, uint32_t start, uint32_t length, bool locked)
{
    struct tlb_gather gather;
    struct walk walk = {.change = set_locked,
                        .over_holes = true,
                        .argument = locked ? AREA_LOCKED : 0,
                        .gather = &gather};
    return walk_range(&walk, mm, start, length);
}

static int advise(struct walk *walk, struct quarter *quarter,
                  struct area *area) UNCHECKED_LOCKING
{
    switch (walk->argument) {
    case ABI_MADV_DONTNEED:
        quarter_gather_pages(quarter, area->start, area->end, walk->gather);
        break;
    case ABI_MADV_DONTFORK:
        area->flags |= AREA_NO_FORK;
        break;
    case ABI_MADV_DOFORK:
        area->flags &= ~AREA_NO_FORK;
        break;
    }
    return 0;
}

int mm_advise(struct mm *mm, uint32_t start, uint32_t length, uint32_t advice)
{
    struct tlb_gather gather;
    struct walk walk = {.change = advise,
                        .over_holes = true,
                        .wraps = -EINVAL,
                        .argument = advice,
                        .gather = &gather};
    /* By number: what is known, if only as advice that we need not take. */
    const uint32_t known = 1u << ABI_MADV_NORMAL | 1u << ABI_MADV_RANDOM |
                           1u << ABI_MADV_SEQUENTIAL | 1u << ABI_MADV_WILLNEED |
                           1u << ABI_MADV_DONTNEED | 1u << ABI_MADV_FREE |
                           1u << ABI_MADV_DONTFORK | 1u << ABI_MADV_DOFORK |
                           1u << ABI_MADV_HUGEPAGE | 1u << ABI_MADV_NOHUGEPAGE |
                           1u << ABI_MADV_DONTDUMP | 1u << ABI_MADV_DODUMP |
                           1u << ABI_MADV_COLD | 1u << ABI_MADV_PAGEOUT;
    if (advice >= 32 || !(known & 1u << advice))
        return -EINVAL;
    return walk_range(&walk, mm, start, length);
}

/* Whether the page has a frame, here or in the object that the area shows. */
static bool is_present(const struct mm *mm, const struct area *area,
                       uint32_t page)
{
    struct mapping m = page_lookup(&mm->tables, page);
    if (m.frame)
        return !(m.flags & MAP_SWAPPED);
    return area->object && object_has_page(area->object, area_page(area, page));
}

int mm_covered(struct mm *mm, uint32_t start, uint32_t length, uint8_t *present)
{
    uint32_t from, to;
    int error =
        start + length < start || start + length > USER_END ? -ENOMEM : 0;
    for_each_quarter (q, start, start + length, from, to) {
        if (error)
            break;
        struct quarter *quarter = mm->quarter[q];
        mutex_lock(&quarter->lock);
        while (from < to && !error) {
            const struct area *area = area_find(quarter->areas, from);
            if (!area || area->start > from) {
                error = -ENOMEM;
            } else if (present) {
                *present++ = is_present(mm, area, from);
                from += PAGE_SIZE;
            } else {
                from = area->end;
            }
        }
        mutex_unlock(&quarter->lock);
    }
    return error;
}

void mm_populate(struct mm *mm, uint32_t start, uint32_t length)
{
    for (uint32_t at = start; at - start < length; at += PAGE_SIZE)
        if (wait_killed() ||
            (mm_fault(mm, at, AREA_WRITE) && mm_fault(mm, at, 0)))
            break;
}
