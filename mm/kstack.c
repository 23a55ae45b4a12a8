/* SPDX-License-Identifier: MIT */
/* Kernel stacks, wherever they lie: see kstack.h. */
#include "mm/kstack.h"

#include "kernel/options.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "mm/kmap.h"
#include "mm/mm.h"

#define TOP_PAGE (KERNEL_STACK_PAGES - 1)

static const struct kstack_placement *placement = &kstack_lowmem;

void kstack_init(void)
{
    static const struct kstack_placement *const placements[] = {&kstack_lowmem,
                                                                &kstack_ukva};
    placement = placements[options.kstack];
}

const char *kstack_policy(void)
{
    return placement->name;
}

ukva_t kstack_alloc(struct mm *mm)
{
    return mm ? placement->alloc(mm) : kstack_lowmem.alloc(mm);
}

static bool is_private(ukva_t stack)
{
    return stack >= UKVA_START;
}

void kstack_free(struct mm *mm, ukva_t stack)
{
    if (!is_private(stack))
        kstack_lowmem.free(mm, stack);
    else if (mm == current_task()->mm)
        kstack_ukva.free(mm, stack);
}

uint8_t *kstack_open(struct mm *mm, ukva_t stack)
{
    ukva_t page = stack + TOP_PAGE * PAGE_SIZE;
    if (!is_private(stack) || mm == current_task()->mm)
        return (uint8_t *)page;
    /* Another MM is new: this is its only stack. */
    return kmap(mm->ukva.newest);
}

void kstack_close(uint8_t *page, ukva_t stack)
{
    if ((ukva_t)page != stack + TOP_PAGE * PAGE_SIZE)
        kunmap(page);
}

void kstack_settle(void)
{
    kstack_lowmem.settle();
    kstack_ukva.settle();
}

bool kstack_is_overflow(ukva_t stack, uintptr_t address)
{
    return address < stack && address >= stack - PAGE_SIZE;
}
