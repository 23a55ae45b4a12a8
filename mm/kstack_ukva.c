/* SPDX-License-Identifier: MIT */
/*
 * kstack=ukva: the kernel stacks of an MM's tasks lie in its own kernel region,
 * backed by frames from anywhere. They cost no low memory and room in that MM
 * only. Nothing that other MMs may follow lies on them: task structures and
 * wait queues do not (Bligh, 2002), and CHECK_SHARED() asserts it.
 *
 * Freed ones are kept mapped for the MM's next tasks, which need no flush then;
 * when they become many, a batch is freed with one flush. The first word of
 * each leads to the next: only tasks of the MM come here.
 */
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/kstack.h"
#include "mm/mm.h"
#include "mm/ukva.h"

static ukva_t take_kept(struct ukva *ukva) REQUIRES(ukva->lock)
{
    ukva_t stack = ukva->kept;
    ukva->kept = *(ukva_t *)stack;
    ukva->kept_count--;
    return stack;
}

static ukva_t alloc(struct mm *mm)
{
    ukva_t stack = 0;
    if (mm != current_task()->mm)
        return ukva_alloc(mm, KERNEL_STACK_PAGES); /* a new one has none */
    spin_lock(&mm->ukva.lock);
    if (mm->ukva.kept)
        stack = take_kept(&mm->ukva);
    spin_unlock(&mm->ukva.lock);
    return stack ? stack : ukva_alloc(mm, KERNEL_STACK_PAGES);
}

/* Free up to a batch of the kept ones if there are more than `least`. */
static void shrink(struct mm *mm, uint32_t least)
{
    struct ukva *ukva = &mm->ukva;
    ukva_t chain = 0;
    spin_lock(&ukva->lock);
    if (ukva->kept_count > least)
        for (uint32_t n = 0; n < UKVA_BATCH && ukva->kept; n++) {
            ukva_t stack = take_kept(ukva);
            *(ukva_t *)stack = chain;
            chain = stack;
        }
    spin_unlock(&ukva->lock);
    ukva_free(mm, chain, KERNEL_STACK_PAGES);
}

static void free(struct mm *mm, ukva_t stack)
{
    struct ukva *ukva = &mm->ukva;
    spin_lock(&ukva->lock);
    *(ukva_t *)stack = ukva->kept;
    ukva->kept = stack;
    bool many = ++ukva->kept_count > 2 * UKVA_BATCH;
    spin_unlock(&ukva->lock);
    if (many)
        shrink(mm, 2 * UKVA_BATCH);
}

/* Those of the current MM; others' go with their MMs. */
static void settle(void)
{
    struct mm *mm = current_task()->mm;
    while (mm && mm->ukva.kept)
        shrink(mm, 0);
}

const struct kstack_placement kstack_ukva = {
    .name = "ukva", .alloc = alloc, .free = free, .settle = settle};
