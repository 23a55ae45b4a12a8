/* SPDX-License-Identifier: MIT */
/*
 * Entries of an MM's tables, entered, found, changed and walked over; loading
 * its root, and the flushes of one CPU. Who may change an entry, and what must
 * be flushed after it, is said in machine/paging.h.
 */
#include "arch/i386/paging.h"

#include "arch/i386/registers.h"
#include "arch/i386/tables.h"
#include "kernel/abi/errno.h"
#include "kernel/counters.h"

_Static_assert(MAP_WRITE == PTE_WRITE && MAP_USER == PTE_USER &&
                   MAP_UNCACHED == (PTE_UNCACHED | PTE_WRITE_THROUGH) &&
                   MAP_ACCESSED == PTE_ACCESSED && MAP_DIRTY == PTE_DIRTY &&
                   MAP_GLOBAL == PTE_GLOBAL && MAP_HELD == PTE_HELD &&
                   MAP_EXECUTE == PTE_EXECUTE && MAP_SWAPPED == PTE_SWAPPED,
               "flags are an entry's bits");

pte_t pte_make(uint32_t number, uint32_t flags)
{
    uint32_t low = number << PAGE_SHIFT | flags;
    uint32_t high = number >> FRAME_BITS;
    if (!(flags & (MAP_HELD | MAP_SWAPPED)))
        low |= PTE_PRESENT;
    if (!(flags & MAP_EXECUTE))
        high |= (uint32_t)(pte_nx >> 32);
    return (pte_t)high << 32 | low;
}

static inline struct mapping mapping_of(pte_t entry)
{
    return page_mapping((uint32_t)entry, (uint32_t)(entry >> 32));
}

static inline pte_t *find(const struct page_tables *tables, uint32_t address)
{
    return table_reach((struct page_tables *)tables, address, false);
}

static void enter(pte_t *entry, const struct frame *frame, uint32_t flags)
{
    DEBUG_ASSERT(!*(uint32_t *)entry);
    pte_set(entry, pte_make(frame_number(frame), flags));
}

int page_enter(struct page_tables *tables, uint32_t address,
               const struct frame *frame, uint32_t flags)
{
    pte_t *entry = table_reach(tables, address, true);
    if (!entry)
        return -ENOMEM;
    enter(entry, frame, flags | MAP_USER);
    kunmap(entry);
    return 0;
}

/* To the table of `address`; false: there is none. */
static bool cursor_move(struct page_cursor *cursor, uint32_t address, bool make)
{
    bool same = !((address ^ cursor->base) >> QUARTER_SHIFT);
    if (!same)
        page_cursor_end(cursor);
    else if (cursor->table)
        kunmap(cursor->table);
    if (!cursor->directory)
        cursor->directory =
            table_reach_pde(cursor->tables, address) - directory_index(address);
    pte_t *entry = table_reach_by(cursor->tables,
                                  cursor->directory + directory_index(address),
                                  address, make);
    cursor->base = round_down(address, LARGE_PAGE);
    cursor->table = entry ? entry - table_index(address) : NULL;
    return entry;
}

/* The entry through the table that is at hand, if it is the right one. */
static inline pte_t *cursor_reach(struct page_cursor *cursor, uint32_t address,
                                  bool make)
{
    bool here = cursor->table && address - cursor->base < LARGE_PAGE;
    if (!here && !cursor_move(cursor, address, make))
        return NULL;
    return cursor->table + table_index(address);
}

int page_cursor_enter(struct page_cursor *cursor, uint32_t address,
                      const struct frame *frame, uint32_t flags)
{
    pte_t *entry = cursor_reach(cursor, address, true);
    if (!entry)
        return -ENOMEM;
    enter(entry, frame, flags | MAP_USER);
    return 0;
}

void page_cursor_end(struct page_cursor *cursor)
{
    if (cursor->table)
        kunmap(cursor->table);
    if (cursor->directory)
        kunmap(cursor->directory);
    cursor->table = cursor->directory = NULL;
}

int ukva_enter(struct page_cursor *cursor, uintptr_t address,
               const struct frame *frame)
{
    pte_t *entry = cursor_reach(cursor, address, true);
    if (!entry)
        return -ENOMEM;
    enter(entry, frame, MAP_WRITE);
    return 0;
}

struct frame *ukva_remove(struct page_cursor *cursor, uintptr_t address)
{
    pte_t *entry = cursor_reach(cursor, address, false);
    return entry ? mapping_of(pte_clear(entry)).frame : NULL;
}

struct mapping page_lookup(const struct page_tables *tables, uint32_t address)
{
    pte_t *entry = find(tables, address);
    if (!entry)
        return mapping_of(0);
    pte_t value = pte_read(entry);
    kunmap(entry);
    return mapping_of(value);
}

struct mapping page_remove(struct page_tables *tables, uint32_t address)
{
    pte_t *entry = find(tables, address);
    if (!entry)
        return mapping_of(0);
    pte_t value = pte_clear(entry);
    kunmap(entry);
    return mapping_of(value);
}

static void protect(pte_t *entry, uint32_t flags)
{
    DEBUG_ASSERT(entry && *(uint32_t *)entry);
    pte_change(entry, PTE_ADDRESS | PTE_ACCESSED | PTE_DIRTY,
               pte_make(0, flags | MAP_USER));
}

void page_protect(struct page_tables *tables, uint32_t address, uint32_t flags)
{
    pte_t *entry = find(tables, address);
    protect(entry, flags);
    kunmap(entry);
}

/* From the entry `entry` on, which is behind the walk's or the table's first.
 */
static inline bool walk_table(struct page_walk *walk, pte_t *entry)
{
    /* Low words only; eight at once, because stretches of them are empty. */
    for (; entry + 8 <= walk->stop; entry += 8) {
        const uint32_t *low = (const uint32_t *)entry;
        if (low[0] | low[2] | low[4] | low[6] | low[8] | low[10] | low[12] |
            low[14])
            break;
    }
    while (entry < walk->stop && !*(volatile uint32_t *)entry)
        entry++;
    if (entry >= walk->stop)
        return false;
    walk->address += (uint32_t)((char *)entry - (char *)walk->entry)
                     << (PAGE_SHIFT - 3);
    walk->entry = entry;
    walk->mapped = mapping_of(pte_read(entry));
    return true;
}

/* From the table of `address` on; all of it is in one directory. */
static bool walk_tables(struct page_walk *walk, uint32_t address)
{
    if (address >= walk->end)
        return false;
    pte_t *first = table_placement->reach_pde(walk->tables, address),
          *pde = first;
    bool found = false;
    for (; address < walk->end && !found; pde++) {
        uint32_t limit = (address | (LARGE_PAGE - 1)) + 1;
        pte_t value = pte_read(pde);
        if (limit > walk->end)
            limit = walk->end;
        if (value) {
            walk->address = address;
            walk->entry =
                table_placement->reach_pte(walk->tables, address, value);
            walk->stop = walk->entry + ((limit - address) >> PAGE_SHIFT);
            found = walk_table(walk, walk->entry);
            if (!found)
                page_walk_end(walk);
        }
        address = limit;
    }
    kunmap(first);
    return found;
}

void page_walk_end(struct page_walk *walk)
{
    kunmap(walk->entry);
}

bool page_walk_on(struct page_walk *walk)
{
    if (walk_table(walk, walk->entry + 1))
        return true;
    page_walk_end(walk);
    return walk_tables(walk, (walk->address | (LARGE_PAGE - 1)) + 1);
}

bool page_walk_start(struct page_walk *walk, const struct page_tables *tables,
                     uint32_t start, uint32_t end)
{
    const struct table_range *range = &tables->range[start >> QUARTER_SHIFT];
    walk->tables = tables;
    walk->end = end < range->end ? end : range->end;
    return walk_tables(walk, start > range->first ? start : range->first);
}

struct frame *page_walk_remove(struct page_walk *walk)
{
    return mapping_of(pte_clear(walk->entry)).frame;
}

void page_walk_protect(struct page_walk *walk, uint32_t flags)
{
    protect(walk->entry, flags);
}

bool page_walk_age(struct page_walk *walk)
{
    return __atomic_fetch_and((uint32_t *)walk->entry, ~(uint32_t)PTE_ACCESSED,
                              __ATOMIC_SEQ_CST) &
           PTE_ACCESSED;
}

void page_walk_swap(struct page_walk *walk, uint32_t slot)
{
    pte_clear(walk->entry);
    pte_set(walk->entry, pte_make(slot, MAP_SWAPPED));
}

void paging_activate(const struct page_tables *tables)
{
    counter_add(COUNTER_cr3_loads, 1);
    write_cr3(tables ? tables->cr3 : kernel_cr3);
}

void tlb_flush_local_page(uintptr_t address)
{
    counter_add(COUNTER_flush_pages, 1);
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

void tlb_flush_local_all(void)
{
    counter_add(COUNTER_flush_all, 1);
    write_cr3(read_cr3());
}

/* Clearing CR4.PGE drops everything (SDM vol. 3, 4.10.4.1). */
void tlb_flush_local_global(void)
{
    counter_add(COUNTER_flush_global, 1);
    uint32_t cr4 = read_cr4();
    write_cr4(cr4 & ~CR4_PGE);
    write_cr4(cr4);
}
