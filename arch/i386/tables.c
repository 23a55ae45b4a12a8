/* SPDX-License-Identifier: MIT */
/*
 * The tables of an MM: made, found, added to, taken out. How a table is reached
 * is said by a placement (pt_*.c), chosen at boot.
 *
 * A live MM's PDPT never changes: all four directories exist from birth,
 * because the CPU reads the PDPT's entries only when CR3 is loaded (SDM vol.
 * 3, 4.4.1). The top directory is a copy of the kernel's, whose entries are
 * complete from boot on, so nothing has to be spread to MMs later; what is the
 * MM's own in it are the tables of its kernel region and the self map.
 */
#include "arch/i386/tables.h"

#include "arch/i386/table_cache.h"
#include "kernel/abi/errno.h"
#include "kernel/log.h"
#include "kernel/options.h"
#include "mm/slab.h"

static struct slab_cache root_cache =
    SLAB_CACHE("page roots", DIRECTORIES * sizeof(pte_t), 32);

const struct table_placement *table_placement = &pt_lowmem;

void table_placement_init(phys_t memory_end)
{
    static const struct table_placement *const placements[] = {
        &pt_lowmem, &pt_kmap, &pt_ukva};
    table_placement = placements[options.pt];
    if (memory_end <= tables_end || table_placement->want == FRAME_LOW)
        return;
    log_warn("this emulator cannot walk page tables above 4 GiB: pt=lowmem");
    table_placement = &pt_lowmem;
}

const char *page_tables_policy(void)
{
    return table_placement->name;
}

/* A table, empty or a top directory; NULL when memory is out. */
static struct frame *alloc_table(struct page_tables *tables,
                                 enum table_kind kind)
{
    if (table_cache_fails(kind))
        return NULL;
    struct frame *frame = table_cache_take(kind);
    if (!frame && (frame = frame_alloc(table_placement->want))) {
        void *entries = kmap(frame);
        if (kind == TABLE_TOP)
            page_copy(entries, kernel_directory);
        else
            page_clear(entries);
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
    pte_t *last = table_placement->reach_pde(tables, UKVA_END - 1);
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

pte_t *table_make(struct page_tables *tables, pte_t *pde, uint32_t address)
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
    pte_t *pde = table_placement->reach_pde(tables, at);
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

int ukva_make_tables(struct page_tables *tables, uintptr_t start, uintptr_t end)
{
    for (uintptr_t at = round_down(start, LARGE_PAGE); at < end;
         at += LARGE_PAGE) {
        pte_t *entry = table_reach(tables, at, true);
        if (!entry)
            return -ENOMEM;
        kunmap(entry);
    }
    return 0;
}
