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

/* A quarter on its way into the child. */
struct copying {
    struct mm *child;
    struct quarter *to;
    struct tlb_gather gather; /* of the parent */
    struct page_cursor cursor;
};

/* Let the child map what the parent has mapped in an area. */
static int share_pages(struct copying *c, const struct area *area)
{
    struct page_walk walk;
    for_each_page (&walk, &c->gather.mm->tables, area->start, area->end) {
        struct mapping m = walk.mapped;
        bool swapped = m.flags & MAP_SWAPPED;
        if (!swapped && area->object && m.frame->owner == area->object)
            continue; /* what the object has, the child finds there */
        DEBUG_ASSERT(!(area->flags & AREA_SHARED));
        m.flags &= ~(MAP_ACCESSED | MAP_DIRTY);
        if (m.flags & MAP_WRITE) {
            m.flags &= ~MAP_WRITE;
            page_walk_protect(&walk, m.flags);
            tlb_gather(&c->gather, walk.address, NULL);
        }
        int error =
            page_cursor_enter(&c->cursor, walk.address, m.frame, m.flags);
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
        c->to->pages++;
    }
    return 0;
}

/* The same for a tree of areas in their order: the cursor finds its table. */
static int share_areas(struct copying *c, const struct area *tree)
{
    if (!tree)
        return 0;
    c->child->pages += (tree->end - tree->start) >> PAGE_SHIFT;
    int error = share_areas(c, tree->low);
    if (!error)
        error = share_pages(c, tree);
    return error ? error : share_areas(c, tree->high);
}

static int fork_quarter(struct mm *parent, struct mm *child, uint32_t q)
{
    struct quarter *from = parent->quarter[q], *to = child->quarter[q];
    struct copying copying; /* large: not zeroed as a whole */
    copying.child = child;
    copying.to = to;
    copying.cursor = (struct page_cursor){.tables = &child->tables};
    tlb_gather_start(&copying.gather, parent);
    mutex_lock(&from->lock);
    to->shares = from->shares;
    int error = area_copy(from->areas, &to->areas);
    if (!error)
        error = share_areas(&copying, to->areas);
    page_cursor_end(&copying.cursor);
    to->area_count = to->areas ? to->areas->count : 0;
    STOP_POINT(fork_protected);
    tlb_gather_finish(&copying.gather);
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
