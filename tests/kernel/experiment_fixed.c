/* SPDX-License-Identifier: MIT */
/*
 * Claims C2 and C6: what tasks of one MM find at one address of their kernel
 * region. A few pages of it are taken, and a task lets one of them show a page
 * of its program's. As a mapping of one task's own would, that flushes the
 * page from the TLB of the CPU that the task runs on, and from no other.
 *
 * The entry itself is changed under a lock, so that nothing is wrong but the
 * idea. What is mapped is read-only: whatever a program asks for, it can only
 * read its own pages by another address.
 */
#include "kernel/abi/errno.h"
#include "kernel/cpu.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/kernel_map.h"
#include "machine/layout.h"
#include "machine/uaccess.h"
#include "mm/frame.h"
#include "mm/mm.h"
#include "mm/tlb.h"
#include "tests/kernel/experiment.h"

#define PAGES 2
#define MMS   8

static struct spinlock lock = SPINLOCK("experiment", RANK_WAIT);

/* Under the lock: the last MMs that took pages, by number, and where. */
static struct {
    uint32_t mm;
    uintptr_t start;
} taken[MMS];
static uint32_t next;

/* The address of page `which` if the current MM took it; 0: not so. */
static uintptr_t address_of(uint32_t which)
{
    uintptr_t at = 0;
    spin_lock(&lock);
    for (uint32_t i = 0; i < MMS; i++)
        if (taken[i].mm == current_task()->mm->id)
            at = taken[i].start;
    spin_unlock(&lock);
    return at && which < PAGES ? at + which * PAGE_SIZE : 0;
}

int32_t experiment_fixed_take(uint32_t a, uint32_t b, uint32_t c)
{
    struct mm *mm = current_task()->mm;
    (void)a, (void)b, (void)c;
    if (address_of(0))
        return (int32_t)address_of(0);
    uintptr_t at = ukva_take(mm, PAGES);
    if (!at)
        return -ENOMEM;
    spin_lock(&mm->ukva.lock);
    int error = ukva_make_tables(&mm->tables, at, at + PAGES * PAGE_SIZE);
    spin_unlock(&mm->ukva.lock);
    if (error)
        return error;
    spin_lock(&lock);
    taken[next].mm = mm->id;
    taken[next].start = at;
    next = (next + 1) % MMS;
    spin_unlock(&lock);
    return (int32_t)at;
}

/* The frame of a page of the program's; NULL: it has none. */
static struct frame *frame_of(uint32_t page)
{
    struct mm *mm = current_task()->mm;
    if (page >= USER_END)
        return NULL;
    struct quarter *quarter = mm->quarter[page >> QUARTER_SHIFT];
    mutex_lock(&quarter->lock);
    struct mapping m = page_lookup(&mm->tables, page);
    mutex_unlock(&quarter->lock);
    return m.flags & (MAP_SWAPPED | MAP_HELD) ? NULL : m.frame;
}

static void rewrite(uintptr_t address, struct frame *frame)
{
    spin_lock(&lock);
    kernel_unmap(address);
    if (frame)
        kernel_map(address, frame_phys(frame), 0);
    spin_unlock(&lock);
    tlb_flush_local_page(address);
}

/* Another number after each switch of this CPU, and on each CPU. */
static uint32_t switch_stamp(void)
{
    const struct cpu *cpu = this_cpu();
    return (uint32_t)cpu->counters.value[COUNTER_switches] << 5 | cpu->index;
}

/*
 * Without a page: it shows nothing any more, on no CPU. The stamp of the switch
 * that the task runs by is stored where the third argument points to, if it
 * does.
 */
int32_t experiment_fixed_map(uint32_t which, uint32_t page, uint32_t stamp_at)
{
    uintptr_t address = address_of(which);
    struct frame *frame = page ? frame_of(page) : NULL;
    if (!address || (page && !frame))
        return -EINVAL;
    uint32_t now = switch_stamp();
    rewrite(address, frame);
    if (!page)
        tlb_flush_range(current_task()->mm, address, address + PAGE_SIZE);
    return stamp_at ? copy_to_user(user_ptr_at(stamp_at), &now, sizeof(now))
                    : 0;
}

/*
 * With a page: the mapping is rewritten first if the CPU has switched since the
 * stamp was made that the third argument points to. Nothing comes between that
 * and the use: the kernel does not preempt itself. The result has 31 bits.
 */
int32_t experiment_fixed_use(uint32_t which, uint32_t page, uint32_t stamp_at)
{
    uintptr_t address = address_of(which);
    struct frame *frame = page ? frame_of(page) : NULL;
    uint32_t stamp, word;
    if (!address || (page && !frame))
        return -EINVAL;
    if (page && copy_from_user(&stamp, user_ptr_at(stamp_at), sizeof(stamp)))
        return -EFAULT;
    uint32_t interrupts = interrupts_save();
    uint32_t now = switch_stamp();
    if (page && stamp != now)
        rewrite(address, frame);
    int error = user_peek(user_ptr_at(address), &word);
    interrupts_restore(interrupts);
    if (!error && page)
        error = copy_to_user(user_ptr_at(stamp_at), &now, sizeof(now));
    return error ? error : (int32_t)(word & 0x7fffffff);
}

int32_t experiment_stack_address(uint32_t a, uint32_t b, uint32_t c)
{
    (void)a, (void)b, (void)c;
    return (int32_t)current_task()->stack;
}
