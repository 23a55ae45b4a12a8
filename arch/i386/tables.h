/* SPDX-License-Identifier: MIT */
/* The way to an entry of an MM's tables, for those who change entries. */
#pragma once

#include "arch/i386/self_map.h"
#include "mm/kmap.h"

/* The policy in force. */
extern const struct table_placement *table_placement;

/*
 * Make a table, named by the directory's entry `pde`, which is empty; NULL when
 * memory is out. Its entry for `address`.
 */
pte_t *table_make(struct page_tables *tables, pte_t *pde, uint32_t address);

/*
 * How the tables for an address are reached. Those of the MM's own kernel
 * region always through the self map if that shows them: a temporary mapping
 * made in the region cannot need another one first.
 */
static inline const struct table_placement *
placement_for(const struct page_tables *tables, uint32_t address)
{
    if (address < USER_END)
        return table_placement;
    DEBUG_ASSERT(address >= UKVA_START && address < UKVA_END);
    return tables_are_current(tables) ? &pt_ukva : table_placement;
}

static inline pte_t *table_reach_pde(const struct page_tables *tables,
                                     uint32_t address)
{
    return placement_for(tables, address)->reach_pde(tables, address);
}

/*
 * The entry of `address`, whose directory's entry has been reached; NULL where
 * there is no table and, if one was to be made, no memory either.
 */
static inline pte_t *table_reach_by(struct page_tables *tables, pte_t *pde,
                                    uint32_t address, bool make)
{
    pte_t value = pte_read(pde);
    if (value)
        return placement_for(tables, address)
            ->reach_pte(tables, address, value);
    return make ? table_make(tables, pde, address) : NULL;
}

/* The same from the start. */
static inline pte_t *table_reach(struct page_tables *tables, uint32_t address,
                                 bool make)
{
    pte_t *pde = table_reach_pde(tables, address);
    pte_t *entry = table_reach_by(tables, pde, address, make);
    kunmap(pde);
    return entry;
}
