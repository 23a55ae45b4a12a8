/* SPDX-License-Identifier: MIT */
/*
 * The self map. The last four entries of an MM's top directory point to its
 * four directories as if they were page tables. So, while the MM is loaded,
 * the last 8 MiB of addresses show all of its tables in order, the entry of
 * address A at SELF_MAP + A / 4096 * 8; and, since the top directory is one of
 * the four, the directories show at the end of that. One word in memory is both
 * a directory's entry and, seen through the self map, a page table's: who
 * takes a table out has two translations to flush.
 *
 * Only a task of the MM may look: a kernel thread that borrows the MM could
 * lose it at any time.
 */
#pragma once

#include "arch/i386/paging.h"
#include "kernel/panic.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "mm/mm.h"

#define SELF_MAP_INDEX (SELF_MAP >> LARGE_SHIFT & (ENTRIES - 1))
#define SELF_MAP_TOP   (SELF_MAP + (SELF_MAP >> PAGE_SHIFT) * sizeof(pte_t))

static inline pte_t *self_pte(uintptr_t address)
{
    return (pte_t *)SELF_MAP + (address >> PAGE_SHIFT);
}

static inline pte_t *self_pde(uintptr_t address)
{
    return (pte_t *)SELF_MAP_TOP + (address >> LARGE_SHIFT);
}

/* Whether the self map shows these tables: the current task runs on them. */
static inline bool tables_are_current(const struct page_tables *tables)
{
    const struct mm *mm = current_task()->mm;
    return mm && &mm->tables == tables;
}

/*
 * The entry of an address in the global kernel area, or in the current MM's own
 * kernel region.
 */
static inline pte_t *kernel_entry(uintptr_t address)
{
    if (address >= UKVA_START) {
        DEBUG_ASSERT(address < UKVA_END && current_task()->mm);
        return self_pte(address);
    }
    DEBUG_ASSERT(address >= KVA_START && address < KVA_END);
    return &kva_tables[(address - KVA_START) >> PAGE_SHIFT];
}
