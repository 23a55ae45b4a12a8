/* SPDX-License-Identifier: MIT */
/*
 * Tables of an MM that no CPU has loaded: enter, look up, walk and remove at
 * the borders of tables and quarters, with frames below and above 4 GiB. The
 * kernel's own tables are in test_paging_kernel.c, what the hardware makes of
 * tables in test_paging_hardware.c.
 */
#include "arch/i386/paging.h"
#include "arch/i386/self_map.h"
#include "kernel/abi/errno.h"
#include "machine/layout.h"
#include "mm/fail.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "tests/kernel/crew.h"

#define RIGHTS (MAP_WRITE | MAP_EXECUTE | MAP_USER | MAP_GLOBAL)

/* First and last pages of tables and quarters. */
static const uint32_t places[] = {
    0x00001000, 0x001ff000, 0x00200000, 0x08048000, 0x3ffff000, 0x40000000,
    0x401ff000, 0x7ffff000, 0x80000000, 0xbfe00000, 0xbffff000,
};
#define PLACES ARRAY_LENGTH(places)
#define TABLES 8 /* that these need */

/*
 * Frames that are never touched, so it does not matter what is there: low, at
 * 4 GiB, and at 60 GiB, the last with all address bits of a small CPU.
 */
static struct frame *frame_for(uint32_t i)
{
    static const phys_t base[] = {0x12345000, 0x100000000, 0xf00000000};
    return frame_at(base[i % 3] + (phys_t)i * PAGE_SIZE);
}

static uint32_t rights_for(uint32_t i)
{
    return (i & 1 ? MAP_WRITE : 0) | (i & 2 ? MAP_EXECUTE : 0);
}

/* Enter all places; false if one does not look as it was entered. */
static bool enter_all(struct page_tables *tables)
{
    bool ok = true;
    for (uint32_t i = 0; i < PLACES; i++)
        ok &= !page_enter(tables, places[i], frame_for(i), rights_for(i));
    for (uint32_t i = 0; i < PLACES; i++) {
        struct mapping m = page_lookup(tables, places[i]);
        uint32_t rights = rights_for(i) | MAP_USER;
        ok &= m.frame == frame_for(i) && m.flags == rights;
        ok &= !(m.flags & (MAP_ACCESSED | MAP_DIRTY));
    }
    return ok;
}

/* A walk finds each place in turn, quarter by quarter. */
static bool walk_all(const struct page_tables *tables)
{
    uint32_t found = 0;
    for (uint32_t q = 0; q < USER_QUARTERS; q++) {
        uint32_t end = (q + 1) << QUARTER_SHIFT;
        struct page_walk walk;
        for_each_page (&walk, tables, end - QUARTER_BYTES, end)
            if (found == PLACES || walk.address != places[found] ||
                walk.mapped.frame != frame_for(found++)) {
                page_walk_end(&walk);
                return false;
            }
    }
    return found == PLACES;
}

/* An entry of a directory, wherever that lies. */
static pte_t directory_entry(const struct page_tables *tables, uint32_t q,
                             uint32_t index)
{
    pte_t *directory = kmap(frame_at(tables->root[q] & PTE_ADDRESS));
    pte_t entry = directory[index];
    kunmap(directory);
    return entry;
}

/* Entries that point to a table allow all and are not global. */
static bool directories_are_open(const struct page_tables *tables)
{
    const pte_t open = PTE_PRESENT | PTE_WRITE | PTE_USER;
    for (uint32_t q = 0; q < USER_QUARTERS; q++)
        for (uint32_t i = 0; i < ENTRIES; i++) {
            pte_t pde = directory_entry(tables, q, i);
            if (pde && ((pde & open) != open || (pde & PTE_NX) ||
                        (pde & (PTE_GLOBAL | PTE_LARGE))))
                return false;
        }
    return true;
}

SELFTEST(paging_user, "pages are entered, looked up, found and removed")
{
    struct page_tables tables;
    CHECK(page_tables_create(&tables) == 0);
    bool entered = enter_all(&tables), walked = walk_all(&tables);
    bool open = directories_are_open(&tables), removed = true;
    uint32_t count = tables.tables;
    /* From the middle of where there is no table. */
    struct page_walk walk;
    walked &= page_walk_start(&walk, &tables, 0x005ff000, QUARTER_BYTES) &&
              walk.address == 0x08048000;
    page_walk_end(&walk);
    for (uint32_t i = 0; i < PLACES; i++) {
        removed &= page_remove(&tables, places[i]).frame == frame_for(i);
        removed &= !page_remove(&tables, places[i]).frame;
        removed &= !page_lookup(&tables, places[i]).frame;
    }
    bool empty = !page_walk_start(&walk, &tables, 0, QUARTER_BYTES);
    for (uint32_t q = 0; q < USER_QUARTERS; q++) {
        uint32_t at = q << QUARTER_SHIFT, end_of_quarter = at + QUARTER_BYTES;
        struct frame *table;
        while ((table = page_table_remove(&tables, &at, end_of_quarter)))
            frame_put(table);
    }
    uint32_t left = tables.tables;
    page_tables_destroy(&tables);
    CHECK(entered && walked && open && removed && empty);
    CHECK(count == TABLES && left == 0);
}

SELFTEST(paging_root, "the root names four directories and the kernel's part")
{
    struct page_tables tables;
    const pte_t moves = PTE_ACCESSED | PTE_DIRTY;
    CHECK(page_tables_create(&tables) == 0);
    bool ok = tables.cr3 % 32 == 0 &&
              tables.cr3 == (uintptr_t)tables.root - DIRECT_MAP;
    for (uint32_t q = 0; q < DIRECTORIES; q++) {
        pte_t self = directory_entry(&tables, 3, SELF_MAP_INDEX + q);
        ok &= (tables.root[q] & ~PTE_ADDRESS & ~moves) == PTE_PRESENT;
        ok &= !((tables.root[q] ^ self) & PTE_ADDRESS);
        ok &= (self & ~PTE_ADDRESS & ~moves) ==
              (PTE_PRESENT | PTE_WRITE | pte_nx);
    }
    for (uint32_t i = 0; i < ENTRIES; i++) {
        pte_t entry = directory_entry(&tables, 3, i);
        ok &= i >= SELF_MAP_INDEX || !((entry ^ kernel_directory[i]) & ~moves);
        ok &= !directory_entry(&tables, 0, i);
        ok &= !directory_entry(&tables, 2, i);
    }
    page_tables_destroy(&tables);
    CHECK(ok);
}

SELFTEST(paging_fails, "without memory there are no tables and no leak")
{
    struct page_tables tables;
    uint32_t n = 1;
    for (; n < 20; n++) {
        fail_set(n);
        int error = page_tables_create(&tables);
        bool failed = fail_set(0) == 0;
        CHECK(error == (failed ? -ENOMEM : 0));
        if (!failed)
            break;
    }
    CHECK(n == 6); /* a root and four directories */
    fail_set(1);
    bool ok = page_enter(&tables, 0x40000000, frame_for(0), 0) == -ENOMEM;
    ok &= fail_set(0) == 0 && tables.tables == 0;
    ok &= !page_lookup(&tables, 0x40000000).frame;
    page_tables_destroy(&tables);
    CHECK(ok);
}

static pte_t changing __attribute__((aligned(8)));
static const pte_t first = 0x1100000003, second = 0x2200001003;

/* The first thread changes the entry, the others read it. */
static void change_or_read(uint32_t index)
{
    stay_on(index);
    if (index > 0) {
        while (!atomic_get(&crew.ended) && crew_goes_on()) {
            pte_t seen = pte_read(&changing);
            CREW_CHECK(!(seen & PTE_PRESENT) || seen == first ||
                       seen == second);
        }
        return;
    }
    for (uint32_t i = 0; i < 20000 && crew_goes_on(); i++) {
        pte_set(&changing, first);
        CREW_CHECK(pte_clear(&changing) == first);
        pte_set(&changing, second);
        CREW_CHECK(pte_clear(&changing) == second);
    }
}

SELFTEST(paging_torn, "no CPU reads half an old entry and half a new one")
{
    uint32_t count = cpus_running() < 3 ? cpus_running() : 3;
    changing = 0;
    CHECK(crew_run(count, change_or_read));
    CHECK(changing == 0);
}
