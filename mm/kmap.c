/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU slots for temporary mappings, at the start of the global kernel
 * area: slot s of CPU c is page c * KMAP_SLOTS + s. A slot is only written by
 * its CPU, and only outside of interrupts, so the depth needs no lock.
 */
#include "mm/kmap.h"

#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "machine/paging.h"
#include "mm/frame.h"
#include "mm/kva.h"

static uintptr_t slot_address(const struct cpu *cpu, uint32_t slot)
{
    return KMAP_START + (cpu->index * KMAP_SLOTS + slot) * PAGE_SIZE;
}

void *kmap_high(phys_t page)
{
    struct cpu *cpu = this_cpu();
    ASSERT(cpu->kmaps < KMAP_SLOTS);
    uintptr_t address = slot_address(cpu, cpu->kmaps++);
    kernel_map(address, page, MAP_WRITE);
    /* The slot's last page may still be cached, by speculation too. */
    tlb_flush_local_page(address);
    counter_add(COUNTER_kmaps, 1);
    return (void *)address;
}

void *kmap_phys(phys_t page)
{
    return page < paging_low_end() ? (void *)(DIRECT_MAP + (uintptr_t)page)
                                   : kmap_high(page);
}

void kunmap_high(void *address)
{
    struct cpu *cpu = this_cpu();
    ASSERT(cpu->kmaps > 0);
    DEBUG_ASSERT(round_down((uintptr_t)address, PAGE_SIZE) ==
                 slot_address(cpu, cpu->kmaps - 1));
    cpu->kmaps--;
}
