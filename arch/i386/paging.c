/* SPDX-License-Identifier: MIT */
/*
 * Page tables of MMs, and entries of the global kernel area. Tables lie in low
 * memory and are reached through the direct map.
 *
 * A live MM's PDPT never changes: all four directories exist from birth,
 * because the CPU reads the PDPT's entries only when CR3 is loaded (SDM vol.
 * 3, 4.4.1). The top directory is a copy of the kernel's, whose entries are
 * complete from boot on, so nothing has to be spread to MMs later.
 */
#include "arch/i386/paging.h"

#include "arch/i386/registers.h"
#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define ROOT_ENTRIES 4

static struct slab_cache root_cache =
    SLAB_CACHE("page roots", ROOT_ENTRIES * sizeof(pte_t), 32);

_Static_assert(MAP_WRITE == PTE_WRITE && MAP_USER == PTE_USER &&
                   MAP_UNCACHED == (PTE_UNCACHED | PTE_WRITE_THROUGH) &&
                   MAP_ACCESSED == PTE_ACCESSED && MAP_DIRTY == PTE_DIRTY &&
                   MAP_GLOBAL == PTE_GLOBAL && MAP_HELD == PTE_HELD &&
                   MAP_EXECUTE == PTE_EXECUTE && MAP_SWAPPED == PTE_SWAPPED,
               "flags are an entry's bits");

#define FRAME_BITS 20 /* of a frame's number, in the low word */

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
    uint32_t low = (uint32_t)entry, high = (uint32_t)(entry >> 32);
    struct mapping m = {NULL, low & (PAGE_MASK & ~(uint32_t)PTE_PRESENT)};
    if (low) /* what is shifted out of the high word is NX */
        m.frame = frame_table + (low >> PAGE_SHIFT | high << FRAME_BITS);
    return m;
}

int page_tables_create(struct page_tables *tables)
{
    *tables = (struct page_tables){0};
    tables->root = slab_alloc(&root_cache);
    if (!tables->root)
        return -ENOMEM;
    for (uint32_t q = 0; q < ROOT_ENTRIES; q++) {
        struct frame *frame = frame_alloc(FRAME_LOW);
        if (!frame) {
            page_tables_destroy(tables);
            return -ENOMEM;
        }
        tables->directory[q] = frame_virtual(frame);
        if (q < USER_QUARTERS)
            page_clear(tables->directory[q]);
        /* A PDPT entry has no permission bits (SDM vol. 3, table 4-8). */
        tables->root[q] = frame_phys(frame) | PTE_PRESENT;
    }
    page_copy(tables->directory[3], kernel_directory);
    tables->cr3 = (uintptr_t)tables->root - DIRECT_MAP;
    return 0;
}

void page_tables_destroy(struct page_tables *tables)
{
    for (uint32_t q = 0; q < ROOT_ENTRIES; q++)
        if (tables->directory[q])
            frame_put(frame_of_virtual(tables->directory[q]));
    slab_free(&root_cache, tables->root);
    *tables = (struct page_tables){0};
}

/* The entry of a user address; NULL where there is no table yet. */
static inline pte_t *find_entry(const struct page_tables *tables,
                                uint32_t address)
{
    DEBUG_ASSERT(address < USER_END);
    const pte_t *directory = tables->directory[address >> QUARTER_SHIFT];
    /* Tables lie in low memory: the low word is all there is to know. */
    uint32_t pde =
        *(const volatile uint32_t *)&directory[directory_index(address)];
    if (!(pde & PTE_PRESENT))
        return NULL;
    pte_t *table = (pte_t *)(DIRECT_MAP + (pde & ~PAGE_MASK));
    return &table[table_index(address)];
}

/* Where page tables are is remembered, so that a tear-down looks only there. */
static int add_table(struct page_tables *tables, uint32_t address)
{
    uint32_t q = address >> QUARTER_SHIFT;
    struct table_range *range = &tables->range[q];
    struct frame *table = frame_alloc_zeroed(FRAME_LOW);
    if (!table)
        return -ENOMEM;
    /* Permission is decided in the last level; bit 8 stays clear. */
    pte_set(&tables->directory[q][directory_index(address)],
            frame_phys(table) | PTE_PRESENT | PTE_WRITE | PTE_USER);
    __atomic_fetch_add(&tables->tables, 1, __ATOMIC_RELAXED);
    address = round_down(address, LARGE_PAGE);
    if (address < range->first || !range->end)
        range->first = address;
    if (address + LARGE_PAGE > range->end)
        range->end = address + LARGE_PAGE;
    return 0;
}

int page_enter(struct page_tables *tables, uint32_t address,
               const struct frame *frame, uint32_t flags)
{
    pte_t *entry = find_entry(tables, address);
    if (!entry) {
        int error = add_table(tables, address);
        if (error)
            return error;
        entry = find_entry(tables, address);
    }
    DEBUG_ASSERT(!*(uint32_t *)entry);
    pte_set(entry, pte_make(frame_number(frame), flags | MAP_USER));
    return 0;
}

struct mapping page_lookup(const struct page_tables *tables, uint32_t address)
{
    const pte_t *entry = find_entry(tables, address);
    return mapping_of(entry ? pte_read(entry) : 0);
}

struct mapping page_remove(struct page_tables *tables, uint32_t address)
{
    pte_t *entry = find_entry(tables, address);
    return mapping_of(entry ? pte_clear(entry) : 0);
}

static void protect(pte_t *entry, uint32_t flags)
{
    DEBUG_ASSERT(entry && *(uint32_t *)entry);
    pte_change(entry, PTE_ADDRESS | PTE_ACCESSED | PTE_DIRTY,
               pte_make(0, flags | MAP_USER));
}

void page_protect(struct page_tables *tables, uint32_t address, uint32_t flags)
{
    protect(find_entry(tables, address), flags);
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

/* From the table of `address` on. */
static bool walk_tables(struct page_walk *walk, uint32_t address)
{
    while (address < walk->end) {
        uint32_t limit = (address | (LARGE_PAGE - 1)) + 1;
        if (limit > walk->end)
            limit = walk->end;
        walk->address = address;
        walk->entry = find_entry(walk->tables, address);
        walk->stop = walk->entry + ((limit - address) >> PAGE_SHIFT);
        if (walk->entry && walk_table(walk, walk->entry))
            return true;
        address = limit;
    }
    return false;
}

bool page_walk_next(struct page_walk *walk)
{
    return walk_table(walk, walk->entry + 1) ||
           walk_tables(walk, (walk->address | (LARGE_PAGE - 1)) + 1);
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

struct frame *page_table_remove(struct page_tables *tables, uint32_t *address,
                                uint32_t end)
{
    uint32_t q = *address >> QUARTER_SHIFT;
    const struct table_range *range = &tables->range[q];
    uint32_t at = *address > range->first ? *address : range->first;
    if (end > range->end)
        end = range->end;
    at = round_up(at, LARGE_PAGE);
    for (; at < end && end - at >= LARGE_PAGE; at += LARGE_PAGE) {
        pte_t *pde = &tables->directory[q][directory_index(at)];
        if (!(*(volatile uint32_t *)pde & PTE_PRESENT))
            continue;
        *address = at + LARGE_PAGE;
        __atomic_fetch_sub(&tables->tables, 1, __ATOMIC_RELAXED);
        return frame_at(pte_clear(pde) & PTE_ADDRESS);
    }
    return NULL;
}

void kernel_map(uintptr_t address, phys_t page, uint32_t flags)
{
    pte_t *entry = kernel_entry(address);
    /* A temporary slot still holds its last page: see kmap.c. */
    if (pte_read(entry) & PTE_PRESENT)
        pte_clear(entry);
    pte_set(entry, pte_make((uint32_t)(page >> PAGE_SHIFT), flags));
}

phys_t kernel_unmap(uintptr_t address)
{
    return pte_clear(kernel_entry(address)) & PTE_ADDRESS;
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
