/* SPDX-License-Identifier: MIT */
/*
 * Copying to and from an MM that is not loaded. Its tables mean nothing to this
 * CPU's walker, so the kernel walks them itself, and a frame of its gets a
 * temporary mapping (Bligh 2002: a task's tables must sometimes be changed from
 * outside; docs/another-mm.md).
 *
 * Under the lock of the other's quarter an entry and its frame stay what they
 * are. There our own memory must not fault: the handler might sleep with a
 * mapping, or want the lock that we hold, or another. So the copy stops where a
 * page of ours is missing; everything is let go, that page is brought in, and
 * all is looked up again. A missing page of theirs is brought in likewise, with
 * the fault that a program of theirs would have had. What the CPU does at an
 * access we do for it: the area's rights, copy-on-write, the entry's A and D.
 */
#include "mm/foreign.h"

#include "kernel/abi/errno.h"
#include "kernel/stop.h"
#include "kernel/task.h"
#include "kernel/wait.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/area.h"
#include "mm/kmap.h"
#include "mm/mm.h"

/* Within a page on both sides. */
struct piece {
    uint32_t there, here, bytes;
    bool write;
};

/*
 * The page of a piece: 0; -EAGAIN: mm_fault() is needed; -EFAULT. A stack does
 * not grow for others.
 */
static int find_page(const struct mm *mm, const struct quarter *quarter,
                     const struct piece *piece, struct mapping *m)
    REQUIRES(quarter->lock)
{
    const struct area *area = area_find(quarter->areas, piece->there);
    uint32_t access = piece->write ? AREA_WRITE : AREA_READ;
    if (!area || piece->there < area->start)
        return __atomic_load_n(&mm->moving, __ATOMIC_RELAXED) ? -EAGAIN
                                                              : -EFAULT;
    if (!(area->flags & access))
        return -EFAULT;
    *m = page_lookup(&mm->tables, piece->there);
    bool missing = !m->frame || m->flags & MAP_SWAPPED ||
                   (piece->write && !(m->flags & MAP_WRITE));
    return missing ? -EAGAIN : 0;
}

/* As much as is present on both sides: how many bytes. As find_page(). */
static int copy_present(struct mm *mm, const struct piece *piece)
{
    struct quarter *quarter = mm->quarter[piece->there >> QUARTER_SHIFT];
    uint32_t touched = MAP_ACCESSED | (piece->write ? MAP_DIRTY : 0);
    struct mapping m;
    uint32_t left = 0;
    mutex_lock(&quarter->lock);
    int error = find_page(mm, quarter, piece, &m);
    if (!error) {
        if ((m.flags & touched) != touched)
            page_protect(&mm->tables, piece->there, m.flags | touched);
        char *page = kmap(m.frame);
        STOP_POINT(foreign_mapped);
        left = user_copy_present(user_ptr_at(piece->here),
                                 page + (piece->there & PAGE_MASK),
                                 piece->bytes, !piece->write);
        kunmap(page);
    }
    mutex_unlock(&quarter->lock);
    return error ? error : (int)(piece->bytes - left);
}

/* Of `bytes`, those up to the end of a page. */
static uint32_t within_page(uint32_t address, uint32_t bytes)
{
    uint32_t rest = PAGE_SIZE - (address & PAGE_MASK);
    return rest < bytes ? rest : bytes;
}

uint32_t mm_copy(struct mm *mm, uint32_t there, uint32_t here, uint32_t bytes,
                 bool write)
{
    struct mm *own = current_task()->mm;
    uint32_t done = 0;
    while (done < bytes && there + done < USER_END && !wait_killed()) {
        struct piece piece = {there + done, here + done, bytes - done, write};
        piece.bytes = within_page(piece.there, piece.bytes);
        piece.bytes = within_page(piece.here, piece.bytes);
        int copied = copy_present(mm, &piece), error = copied;
        if (copied >= 0) {
            done += (uint32_t)copied;
            error = 0;
            if ((uint32_t)copied < piece.bytes)
                error = mm_fault(own, here + done, write ? 0 : AREA_WRITE);
        } else if (copied == -EAGAIN) {
            error = mm_fault(mm, piece.there, write ? AREA_WRITE : 0);
        }
        if (error)
            break;
    }
    return done;
}
