/* SPDX-License-Identifier: MIT */
/*
 * Page faults on user addresses, and writing into an MM from outside.
 *
 *   no area; a right that it does not give       -EFAULT; -EACCES
 *   below a stack's area                         the area grows, then as below
 *   nothing there, area without object           a zeroed frame
 *   swapped out                                  the page comes back, read-only
 *                                                if others have it, too
 *   nothing there, shared area, or read          the object's frame; read-only
 *                                                if the area is private
 *   nothing there, write, private                a copy of the object's frame
 *   read-only, write, private: copy-on-write     made writable if nobody else
 *                                                has the frame, else a copy
 *   there and allows it: another CPU was faster  0, try again
 *
 * A fault takes one quarter's lock. Only if a stack has to grow, which changes
 * what others have found free, or while mremap moves pages, when an area and
 * its pages are apart, it takes the MM's lock, too, and so waits for its
 * holder. A frame is somebody else's too when it has more than one reference;
 * only who holds the quarter's lock, or the object's, can give it more. An
 * entry that was not present, or only gets more rights, needs no flush: a CPU
 * that faults drops what it had cached for the address (SDM vol. 3, 4.10.2.3
 * and 4.10.4.3).
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/counters.h"
#include "kernel/futex.h"
#include "kernel/limits.h"
#include "kernel/source.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "mm/area.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/map.h"
#include "mm/mm.h"
#include "mm/object.h"
#include "mm/pageout.h"
#include "mm/shortage.h"
#include "mm/swap.h"
#include "mm/tlb.h"

/* Kept free below a stack, so that it does not grow into what lies there. */
#define STACK_GAP (256 * PAGE_SIZE)

/* Let a stack's area grow so that `address` is in it, if it may. */
static void grow_stack(struct mm *mm, struct quarter *quarter,
                       struct area *area, uint32_t address) REQUIRES(mm->lock)
    REQUIRES(quarter->lock)
{
    uint32_t start = round_down(address, PAGE_SIZE);
    uint32_t pages = (area->start - start) >> PAGE_SHIFT;
    const struct area *below = area_below(quarter->areas, area->start);
    if (area->end - start > limit_of(ABI_RLIMIT_STACK) || start < MAP_LOWEST ||
        (below && start - below->end < STACK_GAP) ||
        (below && start < below->end) || !mm_may_add(mm, pages))
        return;
    area_grow(&quarter->areas, area, start);
    __atomic_fetch_add(&mm->pages, pages, __ATOMIC_RELAXED);
}

static bool is_below_stack(const struct area *area, uint32_t address)
{
    return area && address < area->start && area->flags & AREA_STACK;
}

/*
 * Lock the quarter and find the area of an address, if it allows the access: 0,
 * -EFAULT, -EACCES. For a stack to grow the MM's lock is needed, too: what mmap
 * has found free stays free until something lies there. And who meets an mremap
 * waits until it is over. It takes quarter locks to begin another, so ours is
 * enough from then on.
 */
static int lock_area(struct mm *mm, struct quarter *quarter, uint32_t address,
                     uint32_t access, struct area **area)
    ACQUIRES(quarter->lock) UNCHECKED_LOCKING
{
    mutex_lock(&quarter->lock);
    *area = area_find(quarter->areas, address);
    if (is_below_stack(*area, address) ||
        __atomic_load_n(&mm->moving, __ATOMIC_RELAXED)) {
        mutex_unlock(&quarter->lock);
        mutex_lock(&mm->lock);
        mutex_lock(&quarter->lock);
        *area = area_find(quarter->areas, address);
        if (is_below_stack(*area, address))
            grow_stack(mm, quarter, *area, address);
        mutex_unlock(&mm->lock);
    }
    if (!*area || address < (*area)->start)
        return -EFAULT;
    /* Any right brings reading with it: x86 cannot tell them apart. */
    uint32_t needed = access ? access : AREA_ACCESS;
    return (*area)->flags & needed ? 0 : -EACCES;
}

static int copy_frame(struct frame *from, struct frame **copy)
{
    *copy = frame_alloc(FRAME_ANY);
    if (!*copy)
        return -ENOMEM;
    frame_copy(*copy, from);
    return 0;
}

/* A frame for a page that has none, and the rights to map it with. */
static int frame_for(const struct area *area, uint32_t page, bool write,
                     struct frame **frame, uint32_t *rights)
{
    *rights = area_rights(area);
    if (!area->object) {
        *frame = frame_alloc_zeroed(FRAME_ANY);
        return *frame ? 0 : -ENOMEM;
    }
    struct frame *shown;
    int error = object_page(area->object, area_page(area, page), &shown);
    if (error)
        return error;
    *frame = shown;
    if (area->flags & AREA_SHARED)
        return 0;
    if (!write) {
        *rights &= ~MAP_WRITE;
        return 0;
    }
    error = copy_frame(shown, frame);
    frame_put(shown);
    return error;
}

/* Let a frame that is no object's say whose it is: for who looks at it. */
static void name_frame(struct frame *frame, struct quarter *quarter,
                       uint32_t page)
{
    if (frame->owner)
        return;
    frame->owner = quarter;
    frame->offset = page >> PAGE_SHIFT;
}

static int bring_in(struct mm *mm, struct quarter *quarter,
                    const struct area *area, uint32_t page, bool write)
    REQUIRES(quarter->lock)
{
    struct frame *frame;
    uint32_t rights;
    int error = frame_for(area, page, write, &frame, &rights);
    if (error)
        return error;
    error = page_enter(&mm->tables, page, frame, rights);
    if (error) {
        frame_put(frame);
        return error;
    }
    name_frame(frame, quarter, page);
    quarter->pages++;
    counter_add(area->object ? COUNTER_faults_object : COUNTER_faults_zero, 1);
    return 0;
}

/*
 * A write to a private page that is mapped read-only. The old entry is cleared
 * and flushed before the new one is there: otherwise one task could write
 * through the new entry and tell another, which still reads through the old.
 */
static int break_sharing(struct mm *mm, struct quarter *quarter,
                         const struct area *area, uint32_t page,
                         struct frame *old) REQUIRES(quarter->lock)
{
    uint32_t rights = area_rights(area) | MAP_WRITE;
    if (area->flags & AREA_SHARED ||
        __atomic_load_n(&old->references, __ATOMIC_ACQUIRE) == 1) {
        page_protect(&mm->tables, page, rights);
        counter_add(COUNTER_faults_unshared, 1);
        return 0;
    }
    struct frame *copy;
    int error = copy_frame(old, &copy);
    if (error)
        return error;
    STOP_POINT(fault_cow);
    page_remove(&mm->tables, page);
    tlb_flush_page(mm, page, old);
    STOP_POINT(fault_cow_clear);
    error = page_enter(&mm->tables, page, copy, rights);
    name_frame(copy, quarter, page);
    counter_add(COUNTER_faults_copied, 1);
    return error; /* 0: the table is there */
}

/*
 * A page that was paged out: back in place of its entry, for which there is a
 * table. It counts as accessed, or it could be gone again before it is.
 */
static int page_back(struct mm *mm, const struct area *area, uint32_t page,
                     struct mapping *m)
{
    uint32_t rights = area_rights(area) | MAP_ACCESSED;
    int error = swap_in(swap_slot(*m), &m->frame);
    if (error)
        return error;
    if (__atomic_load_n(&m->frame->references, __ATOMIC_ACQUIRE) > 1)
        rights &= ~MAP_WRITE;
    page_remove(&mm->tables, page);
    m->flags = rights;
    return page_enter(&mm->tables, page, m->frame, rights);
}

/* Make an access to `page` possible. */
static int resolve(struct mm *mm, struct quarter *quarter,
                   const struct area *area, uint32_t page, bool write)
    REQUIRES(quarter->lock)
{
    struct mapping m = page_lookup(&mm->tables, page);
    if (!m.frame)
        return bring_in(mm, quarter, area, page, write);
    if (m.flags & MAP_SWAPPED) {
        int error = page_back(mm, area, page, &m);
        if (error || !write || m.flags & MAP_WRITE)
            return error;
    }
    if (write && !(m.flags & MAP_WRITE))
        return break_sharing(mm, quarter, area, page, m.frame);
    counter_add(COUNTER_faults_spurious, 1);
    return 0;
}

int mm_fault(struct mm *mm, uint32_t address, uint32_t access)
{
    if (address >= USER_END)
        return -EFAULT;
    struct quarter *quarter = mm->quarter[address >> QUARTER_SHIFT];
    struct area *area;
    int error;
    do {
        error = lock_area(mm, quarter, address, access, &area);
        if (!error)
            error = resolve(mm, quarter, area, round_down(address, PAGE_SIZE),
                            access & AREA_WRITE);
        mutex_unlock(&quarter->lock);
    } while (error == -ENOMEM && shortage_relieve());
    if (error)
        counter_add(COUNTER_faults_bad, 1);
    pageout_nudge();
    return error;
}

int mm_futex_key(struct mm *mm, uint32_t address, struct futex_key *key)
{
    if (address >= USER_END)
        return -EFAULT;
    struct quarter *quarter = mm->quarter[address >> QUARTER_SHIFT];
    mutex_lock(&quarter->lock);
    const struct area *area = area_find(quarter->areas, address);
    bool exists = area && area->start <= address;
    *key = (struct futex_key){(uintptr_t)quarter, address};
    if (exists && area->flags & AREA_SHARED)
        *key = (struct futex_key){area->object->serial,
                                  (area->offset << PAGE_SHIFT) + address -
                                      area->start};
    mutex_unlock(&quarter->lock);
    return exists ? 0 : -EFAULT;
}

/* Within one page, whatever the area allows. */
static int load_page(struct mm *mm, uint32_t address,
                     const struct source *source, uint32_t offset,
                     uint32_t bytes)
{
    if (address >= USER_END)
        return -EFAULT;
    struct quarter *quarter = mm->quarter[address >> QUARTER_SHIFT];
    uint32_t page = round_down(address, PAGE_SIZE);
    struct area *area;
    int error = lock_area(mm, quarter, address, 0, &area);
    if (!error || error == -EACCES)
        error = resolve(mm, quarter, area, page, true);
    if (!error) {
        char *here = kmap(page_lookup(&mm->tables, page).frame);
        if (source)
            error = source_read(source, offset, here + (address & PAGE_MASK),
                                bytes);
        else
            memset(here + (address & PAGE_MASK), 0, bytes);
        kunmap(here);
        /* It was writable for us alone. */
        page_protect(&mm->tables, page, area_rights(area));
    }
    mutex_unlock(&quarter->lock);
    return error;
}

int mm_load(struct mm *mm, uint32_t address, const struct source *source,
            uint32_t offset, uint32_t bytes)
{
    while (bytes) {
        uint32_t room = PAGE_SIZE - (address & PAGE_MASK);
        uint32_t count = room < bytes ? room : bytes;
        int error;
        do {
            error = load_page(mm, address, source, offset, count);
        } while (error == -ENOMEM && !frames_suffice() && pageout_relieve());
        if (error)
            return error;
        address += count;
        offset += count;
        bytes -= count;
    }
    return 0;
}
