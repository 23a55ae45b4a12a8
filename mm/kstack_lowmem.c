/* SPDX-License-Identifier: MIT */
/*
 * kstack=lowmem: kernel stacks in the global kernel area, backed by low memory,
 * as if they were in the direct map but with a guard page. Every MM sees them,
 * so anything may lie on them; but all stacks of all tasks take low memory and
 * room of one area.
 *
 * Freed ones are kept mapped, up to KEPT of them, last in first out: the same
 * address with the same frames needs no flush to be used again.
 */
#include "kernel/spinlock.h"
#include "mm/kstack.h"
#include "mm/kva.h"

#define KEPT 64

static struct spinlock kept_lock = SPINLOCK("kept stacks", RANK_KVA);
static ukva_t kept[KEPT] GUARDED_BY(kept_lock);
static uint32_t kept_count GUARDED_BY(kept_lock);

static ukva_t take_kept(void)
{
    spin_lock(&kept_lock);
    ukva_t stack = kept_count ? kept[--kept_count] : 0;
    spin_unlock(&kept_lock);
    return stack;
}

static ukva_t alloc(struct mm *mm)
{
    (void)mm;
    ukva_t stack = take_kept();
    return stack ? stack : (ukva_t)kva_alloc(KERNEL_STACK_PAGES, FRAME_LOW);
}

static void free(struct mm *mm, ukva_t stack)
{
    (void)mm;
    spin_lock(&kept_lock);
    bool keep = kept_count < KEPT;
    if (keep)
        kept[kept_count++] = stack;
    spin_unlock(&kept_lock);
    if (!keep)
        kva_free((void *)stack, KERNEL_STACK_PAGES);
}

static void settle(void)
{
    ukva_t stack;
    while ((stack = take_kept()))
        kva_free((void *)stack, KERNEL_STACK_PAGES);
}

const struct kstack_placement kstack_lowmem = {
    .name = "lowmem", .alloc = alloc, .free = free, .settle = settle};
