/* SPDX-License-Identifier: MIT */
/*
 * kmap=atomic: each CPU has slots of its own in the global kernel area, slot s
 * of CPU c being page c * KMAP_NEST + s. A slot's old translation is
 * invalidated on its CPU when it is used again, and no other CPU ever uses it:
 * no lock, no interrupt, but an INVLPG for each mapping. Linux's kmap_atomic.
 *
 * Which slots are in use is a mask that only their CPU changes, with interrupts
 * as they are: handlers map nothing. Kernel threads use these slots whatever
 * the policy is, since they have no MM of their own.
 */
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "machine/kernel_map.h"
#include "machine/paging.h"
#include "mm/kmap.h"

static uintptr_t map(phys_t page)
{
    struct cpu *cpu = this_cpu();
    uint32_t slot = (uint32_t)__builtin_ctz(~cpu->kmap_slots);
    ASSERT(slot < KMAP_NEST);
    cpu->kmap_slots |= 1u << slot;
    uintptr_t address =
        KMAP_START + (cpu->index * KMAP_NEST + slot) * PAGE_SIZE;
    kernel_map(address, page, MAP_WRITE);
    /* The slot's last page may still be cached, by speculation too. */
    tlb_flush_local_page(address);
    return address;
}

static void unmap(uintptr_t address)
{
    struct cpu *cpu = this_cpu();
    uint32_t slot = (address - KMAP_START) / PAGE_SIZE - cpu->index * KMAP_NEST;
    ASSERT(slot < KMAP_NEST && cpu->kmap_slots & 1u << slot);
    kernel_unmap(address);
    cpu->kmap_slots &= ~(1u << slot);
}

const struct kmap_pools kmap_atomic = {
    .name = "atomic", .map = map, .unmap = unmap};
