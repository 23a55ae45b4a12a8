/* SPDX-License-Identifier: MIT */
/*
 * Temporary mappings, whatever pool they come from: see kmap.h. The count of
 * what this CPU holds lets the scheduler assert that nobody sleeps with one.
 */
#include "mm/kmap.h"

#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "machine/cpu.h"
#include "machine/paging.h"

/* The start of the kernel has no other: there is no task yet. */
const struct kmap_pools *kmap_pools = &kmap_atomic;

void kmap_init(void)
{
    static const struct kmap_pools *const pools[] = {&kmap_global, &kmap_atomic,
                                                     &kmap_ukva};
    kmap_pools = pools[options.kmap];
}

void *kmap_high(phys_t page)
{
    struct cpu *cpu = this_cpu();
    DEBUG_ASSERT(cpu->kmaps < KMAP_NEST);
    cpu->kmaps++;
    count_add(&cpu->counters.value[COUNTER_kmaps], 1);
    return (void *)kmap_pools->map(page);
}

void kunmap_high(void *address)
{
    struct cpu *cpu = this_cpu();
    DEBUG_ASSERT(cpu->kmaps > 0);
    cpu->kmaps--;
    uintptr_t page = round_down((uintptr_t)address, PAGE_SIZE);
    if (page < KMAP_POOL_START)
        kmap_atomic.unmap(page);
    else
        kmap_pools->unmap(page);
}

void *kmap_phys(phys_t page)
{
    return page < paging_low_end() ? (void *)(DIRECT_MAP + (uintptr_t)page)
                                   : kmap_high(page);
}
