/* SPDX-License-Identifier: MIT */
/*
 * pt=ukva: page tables in high memory, seen through the self map by the tasks
 * of their MM. They cost address space of that MM only, and no mapping has to
 * be made to reach them (Bligh, 2002). What must be done to the tables of
 * another MM, by fork, exec, page-out or process_vm_readv, takes temporary
 * mappings as under pt=kmap (claim C10).
 */
#include "arch/i386/paging.h"
#include "arch/i386/self_map.h"

static pte_t *reach_pde(const struct page_tables *tables, uint32_t address)
{
    if (!tables_are_current(tables))
        return pt_kmap.reach_pde(tables, address);
    return self_pde(address);
}

static pte_t *reach_pte(const struct page_tables *tables, uint32_t address,
                        pte_t pde)
{
    if (!tables_are_current(tables))
        return pt_kmap.reach_pte(tables, address, pde);
    return self_pte(address);
}

const struct table_placement pt_ukva = {"ukva", FRAME_ANY, reach_pde,
                                        reach_pte};
