/* SPDX-License-Identifier: MIT */
/*
 * pt=lowmem: page tables in low memory, reached through the direct map. The
 * cheapest way to reach a table of any MM, and what most kernels did; but all
 * tables of all MMs take room of the one direct map (Bligh, 2002).
 */
#include "arch/i386/paging.h"
#include "machine/layout.h"

static pte_t *reach_pde(const struct page_tables *tables, uint32_t address)
{
    uint32_t directory = (uint32_t)tables->root[address >> QUARTER_SHIFT];
    return (pte_t *)(DIRECT_MAP + (directory & ~PAGE_MASK)) +
           directory_index(address);
}

static pte_t *reach_pte(const struct page_tables *tables, uint32_t address,
                        pte_t pde)
{
    (void)tables;
    return (pte_t *)(DIRECT_MAP + ((uint32_t)pde & ~PAGE_MASK)) +
           table_index(address);
}

const struct table_placement pt_lowmem = {"lowmem", FRAME_LOW, reach_pde,
                                          reach_pte};
