/* SPDX-License-Identifier: MIT */
/*
 * pt=kmap: page tables in high memory, each visit through a temporary mapping.
 * They cost no kernel address space, but two mappings a visit, and whatever
 * flushes the pool of temporary mappings asks for (Bligh, 2002). Linux called
 * it CONFIG_HIGHPTE.
 */
#include "arch/i386/paging.h"
#include "machine/layout.h"
#include "mm/kmap.h"

static pte_t *reach_pde(const struct page_tables *tables, uint32_t address)
{
    pte_t directory = tables->root[address >> QUARTER_SHIFT];
    pte_t *entries = kmap(frame_at(directory & PTE_ADDRESS));
    return entries + directory_index(address);
}

static pte_t *reach_pte(const struct page_tables *tables, uint32_t address,
                        pte_t pde)
{
    (void)tables;
    pte_t *entries = kmap(frame_at(pde & PTE_ADDRESS));
    return entries + table_index(address);
}

const struct table_placement pt_kmap = {"kmap", FRAME_ANY, reach_pde,
                                        reach_pte};
