/* SPDX-License-Identifier: MIT */
/*
 * Page tables of MMs, and entries of the kernel's own areas. How a table is
 * reached is said by a placement (pt_*.c), chosen at boot.
 *
 * A live MM's PDPT never changes: all four directories exist from birth,
 * because the CPU reads the PDPT's entries only when CR3 is loaded (SDM vol.
 * 3, 4.4.1). The top directory is a copy of the kernel's, whose entries are
 * complete from boot on, so nothing has to be spread to MMs later; what is the
 * MM's own in it are the tables of its kernel region and the self map.
 */
#include "arch/i386/paging.h"

#include "arch/i386/registers.h"
#include "arch/i386/self_map.h"
#include "arch/i386/table_cache.h"
#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "kernel/log.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"

static struct slab_cache root_cache =
    SLAB_CACHE("page roots", DIRECTORIES * sizeof(pte_t), 32);

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

static const struct table_placement *pt = &pt_lowmem;

void table_placement_init(phys_t memory_end)
{
    static const struct table_placement *const placements[] = {
        &pt_lowmem, &pt_kmap, &pt_ukva};
    pt = placements[options.pt];
    if (memory_end <= tables_end || pt->want == FRAME_LOW)
        return;
    log_warn("this emulator cannot walk page tables above 4 GiB: pt=lowmem");
    pt = &pt_lowmem;
}

const char *page_tables_policy(void)
{
    return pt->name;
}

static void fill_empty(pte_t *entries)
{
    page_clear(entries);
}

static void fill_top(pte_t *entries)
{
    page_copy(entries, kernel_directory);
}

/* A table, empty or a top directory; NULL when memory is out. */
static struct frame *alloc_table(struct page_tables *tables,
                                 enum table_kind kind)
{
    if (table_cache_fails(kind))
        return NULL;
    struct frame *frame = table_cache_take(kind);
    if (!frame && (frame = frame_alloc(pt->want))) {
        void *entries = kmap(frame);
        (kind == TABLE_TOP ? fill_top : fill_empty)(entries);
        kunmap(entries);
    }
    if (frame && frame->zone == ZONE_LOW)
        __atomic_fetch_add(&tables->low, 1, __ATOMIC_RELAXED);
    return frame;
}

/* The entry of a directory that points to one: in the root, in the self map. */
static inline pte_t pointer_to(const struct frame *table, pte_t flags)
{
    return frame_phys(table) | PTE_PRESENT | flags;
}

static void map_itself(struct page_tables *tables)
{
    struct frame *top = frame_at(tables->root[DIRECTORIES - 1] & PTE_ADDRESS);
    pte_t *entries = kmap(top);
    /* Not a program's, never executed, and bit 8 clear: never global. */
    for (uint32_t q = 0; q < DIRECTORIES; q++)
        entries[SELF_MAP_INDEX + q] =
            (tables->root[q] & PTE_ADDRESS) | PTE_PRESENT | PTE_WRITE | pte_nx;
    kunmap(entries);
}

static enum table_kind kind_of(uint32_t quarter)
{
    return quarter < USER_QUARTERS ? TABLE_EMPTY : TABLE_TOP;
}

int page_tables_create(struct page_tables *tables)
{
    *tables = (struct page_tables){0};
    tables->root = slab_alloc_zeroed(&root_cache);
    if (!tables->root)
        return -ENOMEM;
    for (uint32_t q = 0; q < DIRECTORIES; q++) {
        struct frame *frame = alloc_table(tables, kind_of(q));
        if (!frame) {
            page_tables_destroy(tables);
            return -ENOMEM;
        }
        /* A PDPT entry has no permission bits (SDM vol. 3, table 4-8). */
        tables->root[q] = pointer_to(frame, 0);
    }
    map_itself(tables);
    tables->cr3 = (uintptr_t)tables->root - DIRECT_MAP;
    return 0;
}

/*
 * The tables of the MM's own kernel region; what they map is freed by now. It
 * grows from its top.
 */
static void free_kernel_tables(struct page_tables *tables)
{
    if (!tables->kernel_tables)
        return;
    pte_t *last = pt->reach_pde(tables, UKVA_END - 1);
    for (pte_t *pde = last; tables->kernel_tables; pde--)
        if (*pde & PTE_PRESENT) {
            frame_put(frame_at(pte_clear(pde) & PTE_ADDRESS));
            tables->kernel_tables--;
        }
    kunmap(last);
}

void page_tables_destroy(struct page_tables *tables)
{
    free_kernel_tables(tables);
    for (uint32_t q = 0; q < DIRECTORIES; q++)
        if (tables->root[q])
            table_cache_put(kind_of(q),
                            frame_at(tables->root[q] & PTE_ADDRESS));
    slab_free(&root_cache, tables->root);
    *tables = (struct page_tables){0};
}

/* Where page tables are is remembered, so that a tear-down looks only there. */
static void note_table(struct page_tables *tables, uint32_t address)
{
    if (address >= UKVA_START) {
        tables->kernel_tables++;
        return;
    }
    struct table_range *range = &tables->range[address >> QUARTER_SHIFT];
    __atomic_fetch_add(&tables->tables, 1, __ATOMIC_RELAXED);
    address = round_down(address, LARGE_PAGE);
    if (address < range->first || !range->end)
        range->first = address;
    if (address + LARGE_PAGE > range->end)
        range->end = address + LARGE_PAGE;
}

/*
 * How the tables for an address are reached. Those of the MM's own kernel
 * region always through the self map if that shows them: a temporary mapping
 * made in the region cannot need another one first.
 */
static inline const struct table_placement *
placement_for(const struct page_tables *tables, uint32_t address)
{
    if (address < USER_END)
        return pt;
    DEBUG_ASSERT(address >= UKVA_START && address < UKVA_END);
    return tables_are_current(tables) ? &pt_ukva : pt;
}

/*
 * Make a table, named by the directory's entry `pde`, which is empty; NULL when
 * memory is out. Its entry for `address`.
 */
static pte_t *make_table(struct page_tables *tables, pte_t *pde,
                         uint32_t address)
{
    struct frame *table = alloc_table(tables, TABLE_EMPTY);
    if (!table)
        return NULL;
    pte_t *entries = kmap(table);
    /* Permission is decided in the last level; bit 8 stays clear. */
    pte_set(pde,
            pointer_to(table, PTE_WRITE | (address < USER_END ? PTE_USER : 0)));
    note_table(tables, address);
    return entries + table_index(address);
}

/*
 * The entry of `address`; NULL where there is no table and, if one was to be
 * made, no memory either.
 */
static inline pte_t *reach(struct page_tables *tables, uint32_t address,
                           bool make)
{
    const struct table_placement *by = placement_for(tables, address);
    pte_t *pde = by->reach_pde(tables, address), *entry = NULL;
    pte_t value = pte_read(pde);
    if (value) {
        kunmap(pde);
        return by->reach_pte(tables, address, value);
    }
    if (make)
        entry = make_table(tables, pde, address);
    kunmap(pde);
    return entry;
}

static inline pte_t *find(const struct page_tables *tables, uint32_t address)
{
    return reach((struct page_tables *)tables, address, false);
}

static void enter(pte_t *entry, const struct frame *frame, uint32_t flags)
{
    DEBUG_ASSERT(!*(uint32_t *)entry);
    pte_set(entry, pte_make(frame_number(frame), flags));
}

int page_enter(struct page_tables *tables, uint32_t address,
               const struct frame *frame, uint32_t flags)
{
    pte_t *entry = reach(tables, address, true);
    if (!entry)
        return -ENOMEM;
    enter(entry, frame, flags | MAP_USER);
    kunmap(entry);
    return 0;
}

/* To the table of `address`; false: there is none. */
static bool cursor_move(struct page_cursor *cursor, uint32_t address, bool make)
{
    page_cursor_end(cursor);
    pte_t *entry = reach(cursor->tables, address, make);
    if (!entry)
        return false;
    cursor->table = entry - table_index(address);
    cursor->base = round_down(address, LARGE_PAGE);
    return true;
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
    cursor->table = NULL;
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

int ukva_make_tables(struct page_tables *tables, uintptr_t start, uintptr_t end)
{
    for (uintptr_t at = round_down(start, LARGE_PAGE); at < end;
         at += LARGE_PAGE) {
        pte_t *entry = reach(tables, at, true);
        if (!entry)
            return -ENOMEM;
        kunmap(entry);
    }
    return 0;
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
    pte_t *first = pt->reach_pde(walk->tables, address), *pde = first;
    bool found = false;
    for (; address < walk->end && !found; pde++) {
        uint32_t limit = (address | (LARGE_PAGE - 1)) + 1;
        pte_t value = pte_read(pde);
        if (limit > walk->end)
            limit = walk->end;
        if (value) {
            walk->address = address;
            walk->entry = pt->reach_pte(walk->tables, address, value);
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

struct frame *page_table_remove(struct page_tables *tables, uint32_t *address,
                                uint32_t end)
{
    if (*address >= end)
        return NULL; /* perhaps there is no further quarter */
    const struct table_range *range = &tables->range[*address >> QUARTER_SHIFT];
    uint32_t at = *address > range->first ? *address : range->first;
    if (end > range->end)
        end = range->end;
    at = round_up(at, LARGE_PAGE);
    if (at >= end || end - at < LARGE_PAGE)
        return NULL;
    struct frame *table = NULL;
    pte_t *pde = pt->reach_pde(tables, at);
    while (at < end && end - at >= LARGE_PAGE && !table) {
        if (*(volatile uint32_t *)pde & PTE_PRESENT)
            table = frame_at(pte_clear(pde) & PTE_ADDRESS);
        at += LARGE_PAGE;
        pde++;
    }
    kunmap(pde - 1);
    if (!table)
        return NULL;
    *address = at;
    __atomic_fetch_sub(&tables->tables, 1, __ATOMIC_RELAXED);
    if (table->zone == ZONE_LOW)
        __atomic_fetch_sub(&tables->low, 1, __ATOMIC_RELAXED);
    return table;
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
