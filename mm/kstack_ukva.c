/* SPDX-License-Identifier: MIT */
/*
 * kstack=ukva: the kernel stacks of an MM's tasks lie in its own kernel region,
 * backed by frames from anywhere. They cost no low memory and room in that MM
 * only. Nothing that other MMs may follow lies on them: task structures and
 * wait queues do not (Bligh, 2002), and CHECK_SHARED() asserts it.
 *
 * A few freed ones are kept mapped for the MM's next tasks: no flush. With a
 * task of its own an MM is gone before anybody asks.
 */
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/kstack.h"
#include "mm/mm.h"
#include "mm/ukva.h"

static ukva_t take_kept(struct ukva *ukva)
{
    spin_lock(&ukva->lock);
    ukva_t stack = ukva->kept_count ? ukva->kept[--ukva->kept_count] : 0;
    spin_unlock(&ukva->lock);
    return stack;
}

static ukva_t alloc(struct mm *mm)
{
    ukva_t stack = take_kept(&mm->ukva);
    return stack ? stack : ukva_alloc(mm, KERNEL_STACK_PAGES);
}

static void free(struct mm *mm, ukva_t stack)
{
    struct ukva *ukva = &mm->ukva;
    spin_lock(&ukva->lock);
    bool keep = ukva->kept_count < UKVA_KEPT;
    if (keep)
        ukva->kept[ukva->kept_count++] = stack;
    spin_unlock(&ukva->lock);
    if (!keep)
        ukva_free(mm, stack, KERNEL_STACK_PAGES);
}

/* Those of the current MM: of others they are few, and go with their MM. */
static void settle(void)
{
    struct mm *mm = current_task()->mm;
    ukva_t stack;
    while (mm && (stack = take_kept(&mm->ukva)))
        ukva_free(mm, stack, KERNEL_STACK_PAGES);
}

const struct kstack_placement kstack_ukva = {
    .name = "ukva", .alloc = alloc, .free = free, .settle = settle};
