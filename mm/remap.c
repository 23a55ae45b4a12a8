/* SPDX-License-Identifier: MIT */
/*
 * mremap: areas that shrink, grow where they are, or move with their pages.
 *
 * A page moves under the locks of both quarters: its entry is cleared at the
 * old place and entered at the new one, and the old place is flushed before
 * the locks are released. Until then a CPU may still reach the frame through
 * the old address; it cannot be freed meanwhile, because unmapping the new
 * address needs a lock that is held (Linux got that wrong: CVE-2018-18281).
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "mm/map_parts.h"
#include "mm/object.h"

/* Both quarters' locks, in their order; they may be the same. */
static void lock_two(struct mm *mm, uint32_t a, uint32_t b) UNCHECKED_LOCKING
{
    mutex_lock(&mm->quarter[a < b ? a : b]->lock);
    if (a != b)
        mutex_lock(&mm->quarter[a < b ? b : a]->lock);
}

static void unlock_two(struct mm *mm, uint32_t a, uint32_t b) UNCHECKED_LOCKING
{
    if (a != b)
        mutex_unlock(&mm->quarter[a < b ? b : a]->lock);
    mutex_unlock(&mm->quarter[a < b ? a : b]->lock);
}

/* Move what is mapped in a stretch that lies in one quarter on either side. */
static int move_stretch(struct mm *mm, uint32_t from, uint32_t to,
                        uint32_t bytes)
{
    struct quarter *source = mm->quarter[from >> QUARTER_SHIFT];
    struct quarter *target = mm->quarter[to >> QUARTER_SHIFT];
    uint32_t end = from + bytes;
    int error = 0;
    struct page_walk walk;
    struct tlb_gather gather;
    tlb_gather_start(&gather, mm);
    lock_two(mm, source->index, target->index);
    for_each_page (&walk, &mm->tables, from, end) {
        struct mapping m = walk.mapped;
        page_walk_remove(&walk);
        tlb_gather(&gather, walk.address, NULL);
        error =
            page_enter(&mm->tables, walk.address - from + to, m.frame, m.flags);
        if (error) { /* no table there; here there is one */
            page_enter(&mm->tables, walk.address, m.frame, m.flags);
            page_walk_end(&walk);
            break;
        }
        source->pages--;
        target->pages++;
    }
    tlb_gather_finish(&gather);
    unlock_two(mm, source->index, target->index);
    return error;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Bytes from an address to the end of its quarter. */
static uint32_t left_in_quarter(uint32_t address)
{
    return QUARTER_BYTES - (address & (QUARTER_BYTES - 1));
}

static int move_pages(struct mm *mm, uint32_t from, uint32_t to, uint32_t bytes)
{
    uint32_t done = 0;
    while (done < bytes) {
        uint32_t count = least(bytes - done, least(left_in_quarter(from + done),
                                                   left_in_quarter(to + done)));
        int error = move_stretch(mm, from + done, to + done, count);
        if (error) {
            /* Back where the tables are: cannot fail. */
            move_pages(mm, to, from, done + count);
            return error;
        }
        done += count;
    }
    return 0;
}

/*
 * What areas show from `start` on, as if from one area: false if they do not
 * cover the range or differ.
 */
static bool look_like(struct mm *mm, uint32_t start, uint32_t length,
                      struct area *like)
{
    uint32_t from, to;
    bool first = true, same = true;
    for_each_quarter (q, start, start + length, from, to) {
        if (!same)
            break;
        struct quarter *quarter = mm->quarter[q];
        mutex_lock(&quarter->lock);
        const struct area *area = area_find(quarter->areas, from);
        same = area && area->start <= from && area->end >= to;
        if (same) {
            uint32_t offset = area_page(area, from);
            same = first ||
                   (area->flags == like->flags && area->object == like->object);
            if (first)
                *like = (struct area){.flags = area->flags,
                                      .object = area->object,
                                      .offset = offset};
            first = false;
        }
        mutex_unlock(&quarter->lock);
    }
    return same && !first;
}

/* Let the areas at both ends of the range begin and end there. */
static int divide_ends(struct mm *mm, uint32_t start, uint32_t end)
{
    int error = 0;
    uint32_t ends[] = {start, end};
    for (uint32_t i = 0; i < 2 && !error; i++) {
        if (ends[i] >= USER_END)
            break;
        struct quarter *quarter = mm->quarter[ends[i] >> QUARTER_SHIFT];
        mutex_lock(&quarter->lock);
        struct area *area = area_find(quarter->areas, ends[i]);
        if (area && area->start < ends[i] &&
            !area_divide(&quarter->areas, area, ends[i]))
            error = -ENOMEM;
        map_count_areas(quarter);
        mutex_unlock(&quarter->lock);
    }
    return error;
}

struct remap {
    uint32_t start, old_bytes, new_bytes, flags, target;
    struct area like;
};

/* The areas, at their new place, then the pages, then nothing at the old. */
static int32_t move_areas(struct mm *mm, const struct remap *r)
{
    uint32_t target = r->target;
    int error = divide_ends(mm, r->start, r->start + r->old_bytes);
    if (error)
        return error;
    if (r->flags & ABI_MREMAP_FIXED)
        error = map_remove(mm, target, target + r->new_bytes);
    else if (!(target = map_find_room(mm, r->new_bytes)))
        error = -ENOMEM;
    if (!error)
        error = map_add(mm, target, target + r->new_bytes, &r->like);
    if (error)
        return error;
    error = move_pages(mm, r->start, target, least(r->old_bytes, r->new_bytes));
    if (error) {
        map_remove(mm, target, target + r->new_bytes);
        return error;
    }
    if (r->old_bytes)
        map_remove(mm, r->start, r->start + r->old_bytes);
    return (int32_t)target;
}

/*
 * A fault meanwhile could bring in another page where one is to move to, or
 * where it must go back to: the flag is set before a quarter's lock is taken,
 * so a fault has either ended by then or sees it.
 */
static int32_t move(struct mm *mm, const struct remap *r)
{
    __atomic_store_n(&mm->moving, true, __ATOMIC_RELAXED);
    int32_t result = move_areas(mm, r);
    __atomic_store_n(&mm->moving, false, __ATOMIC_RELAXED);
    return result;
}

/* The MM is locked, arguments are checked. */
static int32_t remap(struct mm *mm, struct remap *r)
{
    uint32_t end = r->start + r->old_bytes;
    bool shrinks = r->new_bytes <= r->old_bytes;
    if (!look_like(mm, r->start,
                   shrinks || !r->old_bytes ? PAGE_SIZE : r->old_bytes,
                   &r->like))
        return -EFAULT;
    if (!r->old_bytes && !(r->like.flags & AREA_SHARED))
        return -EINVAL;
    if (r->new_bytes > r->old_bytes &&
        !mm_may_add(mm, (r->new_bytes - r->old_bytes) >> PAGE_SHIFT))
        return -ENOMEM;
    if (shrinks && r->new_bytes < r->old_bytes) {
        int error = map_remove(mm, r->start + r->new_bytes, end);
        if (error)
            return error;
        r->old_bytes = r->new_bytes;
    }
    if (r->flags & ABI_MREMAP_FIXED)
        return !r->old_bytes || look_like(mm, r->start, r->old_bytes, &r->like)
                   ? move(mm, r)
                   : -EFAULT;
    if (shrinks)
        return (int32_t)r->start;
    if (r->old_bytes && r->new_bytes <= USER_END - r->start &&
        map_is_free(mm, end, r->start + r->new_bytes)) {
        struct area more = r->like;
        more.offset += r->old_bytes >> PAGE_SHIFT;
        int error = map_add(mm, end, r->start + r->new_bytes, &more);
        return error ? error : (int32_t)r->start;
    }
    return r->flags & ABI_MREMAP_MAYMOVE ? move(mm, r) : -ENOMEM;
}

int32_t mm_remap(struct mm *mm, uint32_t start, uint32_t old_length,
                 uint32_t new_length, uint32_t flags, uint32_t target)
{
    struct remap r = {.start = start,
                      .old_bytes = round_up(old_length, PAGE_SIZE),
                      .new_bytes = round_up(new_length, PAGE_SIZE),
                      .flags = flags,
                      .target = target};
    if (flags & ~(ABI_MREMAP_MAYMOVE | ABI_MREMAP_FIXED) ||
        flags == ABI_MREMAP_FIXED || start & PAGE_MASK || !r.new_bytes ||
        (old_length && !r.old_bytes))
        return -EINVAL;
    if (flags & ABI_MREMAP_FIXED &&
        (target & PAGE_MASK || r.new_bytes > USER_END ||
         target > USER_END - r.new_bytes || target < USER_START ||
         (target < start + r.old_bytes && start < target + r.new_bytes)))
        return -EINVAL;
    if (start >= USER_END || r.old_bytes > USER_END - start)
        return -EFAULT;
    mutex_lock(&mm->lock);
    int32_t result = remap(mm, &r);
    mutex_unlock(&mm->lock);
    return result;
}
