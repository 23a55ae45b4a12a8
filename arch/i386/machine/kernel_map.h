/* SPDX-License-Identifier: MIT */
/*
 * Pages of the global kernel area, whose tables exist from boot, and of the
 * current MM's own kernel region where there is a table. Inline: a temporary
 * mapping is little more than this.
 */
#pragma once

#include "arch/i386/self_map.h"

/* Map a page where nothing is. */
static inline void kernel_map(uintptr_t address, phys_t page, uint32_t flags)
{
    pte_t *entry = kernel_entry(address);
    DEBUG_ASSERT(!*(uint32_t *)entry);
    pte_set(entry, page | PTE_PRESENT | flags | pte_nx);
}

/* Unmap a page: what was there. A flush must follow. */
static inline phys_t kernel_unmap(uintptr_t address)
{
    return pte_clear(kernel_entry(address)) & PTE_ADDRESS;
}
