/* SPDX-License-Identifier: MIT */
/*
 * The copy of an MM for fork. A private page is not copied: both MMs map its
 * frame read-only and it gains a reference; who writes first gets a copy
 * (break_sharing in fault.c). A page that an object has is not even mapped.
 * Other tasks of the parent go on meanwhile. What they write to a page before
 * its entry is read-only everywhere, both sides see; that is before the flush
 * at the end of the page's quarter, and the child does not run until all
 * quarters are done. So a write after the call has returned is never seen by
 * the other side.
 */
#include "kernel/panic.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "mm/frame.h"
#include "mm/map_parts.h"
#include "mm/object.h"
#include "mm/swap.h"

/* Let the child map what the parent has mapped in an area. */
static int share_pages(struct tlb_gather *gather, struct page_cursor *to,
                       struct quarter *quarter, const struct area *area)
{
    struct page_walk walk;
    for_each_page (&walk, &gather->mm->tables, area->start, area->end) {
        struct mapping m = walk.mapped;
        bool swapped = m.flags & MAP_SWAPPED;
        if (!swapped && area->object && m.frame->owner == area->object)
            continue; /* what the object has, the child finds there */
        DEBUG_ASSERT(!(area->flags & AREA_SHARED));
        m.flags &= ~(MAP_ACCESSED | MAP_DIRTY);
        if (m.flags & MAP_WRITE) {
            m.flags &= ~MAP_WRITE;
            page_walk_protect(&walk, m.flags);
            tlb_gather(gather, walk.address, NULL);
        }
        int error = page_cursor_enter(to, walk.address, m.frame, m.flags);
        if (error) {
            page_walk_end(&walk);
            return error;
        }
        if (swapped) {
            swap_get(swap_slot(m));
        } else {
            /* The parent's quarter is locked: nobody else knows the frame. */
            if (__atomic_load_n(&m.frame->references, __ATOMIC_ACQUIRE) == 1)
                m.frame->owner = NULL; /* it may outlive that quarter */
            frame_get(m.frame);
        }
        quarter->pages++;
    }
    return 0;
}

static int fork_quarter(struct mm *parent, struct mm *child, uint32_t q)
{
    struct quarter *from = parent->quarter[q], *to = child->quarter[q];
    struct area *area;
    struct tlb_gather gather;
    struct page_cursor cursor = {.tables = &child->tables};
    int error = 0;
    tlb_gather_start(&gather, parent);
    mutex_lock(&from->lock);
    to->shares = from->shares;
    error = area_copy(from->areas, &to->areas);
    area = error ? NULL : area_find(to->areas, 0);
    for (; area && !error; area = area_find(to->areas, area->end)) {
        child->pages += (area->end - area->start) >> PAGE_SHIFT;
        error = share_pages(&gather, &cursor, to, area);
    }
    page_cursor_end(&cursor);
    to->area_count = to->areas ? to->areas->count : 0;
    STOP_POINT(fork_protected);
    tlb_gather_finish(&gather);
    mutex_unlock(&from->lock);
    return error;
}

struct mm *mm_fork(struct mm *parent)
{
    struct mm *child = mm_create();
    int error = 0;
    if (!child)
        return NULL;
    mutex_lock(&parent->lock);
    child->break_start = parent->break_start;
    child->break_end = parent->break_end;
    child->map_top = parent->map_top;
    for (uint32_t q = 0; q < USER_QUARTERS && !error; q++)
        error = fork_quarter(parent, child, q);
    mutex_unlock(&parent->lock);
    child->program = parent->program;
    if (child->program)
        object_get(child->program);
    memcpy(child->program_path, parent->program_path, MM_PATH);
    if (!error)
        return child;
    mm_leave(child);
    return NULL;
}
