/* SPDX-License-Identifier: MIT */
/*
 * Page faults on user addresses, and writing into an MM from outside.
 *
 *   address in no area, or the area does not allow the access   -EFAULT
 *   page present and allows it (another CPU was faster)         0, try again
 *   nothing there                                               a zeroed frame
 *
 * A fault takes one quarter's lock. The new entry needs no flush: what was not
 * present is not cached (SDM vol. 3, 4.10.2.3).
 */
#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "kernel/source.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/mm.h"

static const struct area *find_area(const struct quarter *quarter,
                                    uint32_t address)
{
    for (const struct area *a = quarter->areas; a; a = a->next)
        if (address < a->end)
            return address >= a->start ? a : NULL;
    return NULL;
}

static bool allows(uint32_t flags, uint32_t access)
{
    return (flags & access) == access;
}

/* Make the page present; its frame in *result. Quarter locked. */
static int make_present(struct mm *mm, struct quarter *quarter,
                        const struct area *area, uint32_t page,
                        struct frame **result) REQUIRES(quarter->lock)
{
    struct frame *frame = frame_alloc_zeroed(FRAME_ANY);
    if (!frame)
        return -ENOMEM;
    int error = page_enter(&mm->tables, page, frame, area->flags);
    if (error) {
        frame_put(frame);
        return error;
    }
    frame->owner = quarter;
    frame->offset = page >> PAGE_SHIFT;
    quarter->pages++;
    *result = frame;
    return 0;
}

/*
 * The frame behind an address, brought in if need be; `access` is checked
 * against the area. Quarter locked.
 */
static int frame_behind(struct mm *mm, struct quarter *quarter,
                        uint32_t address, uint32_t access, struct frame **frame,
                        bool *was_there) REQUIRES(quarter->lock)
{
    const struct area *area = find_area(quarter, address);
    if (!area || !allows(area->flags, access))
        return -EFAULT;
    uint32_t page = round_down(address, PAGE_SIZE);
    *frame = page_lookup(&mm->tables, page).frame;
    *was_there = *frame != NULL;
    return *frame ? 0 : make_present(mm, quarter, area, page, frame);
}

int mm_fault(struct mm *mm, uint32_t address, uint32_t access)
{
    if (address >= USER_END)
        return -EFAULT;
    struct quarter *quarter = mm->quarter[address >> QUARTER_SHIFT];
    struct frame *frame;
    bool was_there;
    mutex_lock(&quarter->lock);
    int error = frame_behind(mm, quarter, address, access, &frame, &was_there);
    mutex_unlock(&quarter->lock);
    if (error == -EFAULT)
        counter_add(COUNTER_faults_bad, 1);
    else if (!error)
        counter_add(was_there ? COUNTER_faults_spurious : COUNTER_faults_zero,
                    1);
    return error;
}

/* The same within one page. */
static int load_page(struct mm *mm, uint32_t address,
                     const struct source *source, uint32_t offset,
                     uint32_t bytes)
{
    if (address >= USER_END)
        return -EFAULT;
    struct quarter *quarter = mm->quarter[address >> QUARTER_SHIFT];
    struct frame *frame;
    bool was_there;
    mutex_lock(&quarter->lock);
    int error = frame_behind(mm, quarter, address, 0, &frame, &was_there);
    if (!error) {
        char *page = kmap(frame);
        error =
            source_read(source, offset, page + (address & PAGE_MASK), bytes);
        kunmap(page);
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
        int error = load_page(mm, address, source, offset, count);
        if (error)
            return error;
        address += count;
        offset += count;
        bytes -= count;
    }
    return 0;
}
