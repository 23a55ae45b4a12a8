/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own tables, made once. Quarter 3 gets, in this order:
 *
 *   direct map    2 MiB global pages, not executable; 4 KiB pages where the
 *                 image lies, so that text is read-only and executable,
 *                 read-only data read-only, all else not executable (W^X)
 *   frame table   16 bytes a frame, backed by memory from anywhere
 *   global area   page tables for all of it, empty
 *
 * From then on none of the directory's entries changes any more.
 *
 * Memory for all this is cut from the boot loader's ranges, from the top down,
 * before the frame allocator exists: it is never given back.
 */
#include "arch/i386/paging.h"

#include "arch/i386/registers.h"
#include "kernel/log.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "machine/boot.h"
#include "machine/layout.h"
#include "mm/frame.h"

#define LOW_MIN_FREE (4u << 20) /* low memory behind the image, at least */

uint32_t kernel_cr3;
pte_t kernel_directory[ENTRIES] __attribute__((aligned(PAGE_SIZE)));
static pte_t kernel_root[4] __attribute__((aligned(32)));
pte_t *kva_tables;
static phys_t low_end;

extern const char image_start[], image_rodata[], image_data[], image_symbols[],
    image_end[];

phys_t paging_low_end(void)
{
    return low_end;
}

/*
 * Cut `bytes` (a multiple of the page size), aligned, from the highest range
 * that lies below `limit`. The rest of the range stays usable.
 */
static phys_t cut(uint32_t bytes, uint32_t alignment, phys_t limit)
{
    for (uint32_t i = boot_info.ranges; i-- > 0;) {
        struct boot_range *r = &boot_info.range[i];
        phys_t end = r->end < limit ? r->end : limit;
        if (end < bytes)
            continue;
        phys_t start = (end - bytes) & ~(phys_t)(alignment - 1);
        if (start < r->start || start > end)
            continue;
        struct boot_range above = {start + bytes, r->end};
        r->end = start;
        if (above.start < above.end && boot_info.ranges < BOOT_RANGES) {
            memmove(r + 2, r + 1,
                    (boot_info.ranges - i - 1) * sizeof(struct boot_range));
            r[1] = above;
            boot_info.ranges++;
        }
        return start;
    }
    panic("not enough memory to start: no %u KiB below %#llx", bytes / 1024,
          (unsigned long long)limit);
}

/* A zeroed page for a table, reachable through the boot tables. */
static pte_t *cut_tables(uint32_t count)
{
    pte_t *table = (pte_t *)(DIRECT_MAP + (uintptr_t)cut(count * PAGE_SIZE,
                                                         PAGE_SIZE, low_end));
    memset(table, 0, count * PAGE_SIZE);
    return table;
}

static phys_t physical(const void *address)
{
    return (uintptr_t)address - DIRECT_MAP;
}

static phys_t ram_end(void)
{
    phys_t end = 0;
    for (uint32_t i = 0; i < boot_info.ranges; i++)
        if (boot_info.range[i].end > end)
            end = boot_info.range[i].end;
    return end;
}

/* Low memory: the option's cap, what RAM there is, what the map can hold. */
static void choose_low_end(void)
{
    phys_t end = ram_end(), image = round_up(physical(image_end), LARGE_PAGE);
    phys_t cap = (phys_t)options.lowmem_mib << 20;
    if (cap > DIRECT_MAP_MAX)
        cap = DIRECT_MAP_MAX;
    if (cap < image + LOW_MIN_FREE) {
        log_warn("lowmem=%uM is too small, taking %uM", options.lowmem_mib,
                 (uint32_t)((image + LOW_MIN_FREE) >> 20));
        cap = image + LOW_MIN_FREE;
    }
    low_end = (cap < end ? cap : end) & ~(phys_t)(LARGE_PAGE - 1);
    if (low_end < image + LARGE_PAGE)
        panic("%u MiB of memory is not enough to start", (uint32_t)(end >> 20));
}

static pte_t image_flags(uintptr_t address)
{
    if (address >= (uintptr_t)image_start && address < (uintptr_t)image_rodata)
        return pte_make(0, MAP_EXECUTE | MAP_GLOBAL);
    if ((address >= (uintptr_t)image_rodata &&
         address < (uintptr_t)image_data) ||
        (address >= (uintptr_t)image_symbols && address < (uintptr_t)image_end))
        return pte_make(0, MAP_GLOBAL);
    return pte_make(0, MAP_WRITE | MAP_GLOBAL);
}

static void map_direct(void)
{
    for (phys_t large = 0; large < low_end; large += LARGE_PAGE) {
        uintptr_t address = DIRECT_MAP + (uintptr_t)large;
        pte_t *entry = &kernel_directory[directory_index(address)];
        if (address >= (uintptr_t)image_end) {
            *entry = large | PTE_LARGE | pte_make(0, MAP_WRITE | MAP_GLOBAL);
            continue;
        }
        pte_t *table = cut_tables(1);
        for (uint32_t i = 0; i < ENTRIES; i++) {
            uint32_t page = i * PAGE_SIZE;
            table[i] = (large + page) | image_flags(address + page);
        }
        *entry = physical(table) | PTE_PRESENT | PTE_WRITE;
    }
}

/* 2 MiB pages for whole 2 MiB, one table of 4 KiB pages for the rest. */
static void map_frame_table(void)
{
    uint32_t bytes = round_up((uint32_t)(ram_end() >> PAGE_SHIFT) *
                                  (uint32_t)sizeof(struct frame),
                              PAGE_SIZE);
    uint32_t at = 0;
    for (; bytes - at >= LARGE_PAGE; at += LARGE_PAGE)
        kernel_directory[directory_index(FRAME_TABLE + at)] =
            cut(LARGE_PAGE, LARGE_PAGE, ~0ull) | PTE_LARGE |
            pte_make(0, MAP_WRITE | MAP_GLOBAL);
    if (at < bytes) {
        pte_t *table = cut_tables(1);
        kernel_directory[directory_index(FRAME_TABLE + at)] =
            physical(table) | PTE_PRESENT | PTE_WRITE;
        for (; at < bytes; at += PAGE_SIZE)
            table[table_index(at)] = cut(PAGE_SIZE, PAGE_SIZE, ~0ull) |
                                     pte_make(0, MAP_WRITE | MAP_GLOBAL);
    }
    frame_table_bytes = bytes;
}

static void map_global_area(void)
{
    uint32_t count = (KVA_END - KVA_START) / LARGE_PAGE;
    kva_tables = cut_tables(count);
    for (uint32_t i = 0; i < count; i++)
        kernel_directory[directory_index(KVA_START + i * LARGE_PAGE)] =
            physical(kva_tables + i * ENTRIES) | PTE_PRESENT | PTE_WRITE;
}

/* Memory that the frame table or the CPU cannot address is left out. */
static void drop_unreachable(void)
{
    phys_t end = (phys_t)(FRAME_TABLE_SIZE / sizeof(struct frame))
                 << PAGE_SHIFT;
    phys_t lost = 0;
    if (end > physical_end)
        end = physical_end;
    for (uint32_t i = 0; i < boot_info.ranges; i++) {
        struct boot_range *r = &boot_info.range[i];
        if (r->end <= end)
            continue;
        lost += r->end - (r->start > end ? r->start : end);
        r->end = end;
        if (r->start > end)
            r->start = end;
    }
    if (lost)
        log_warn("%u MiB of memory above %u MiB cannot be used",
                 (uint32_t)(lost >> 20), (uint32_t)(end >> 20));
}

void paging_init(void)
{
    drop_unreachable();
    choose_low_end();
    map_direct();
    map_frame_table();
    map_global_area();
    kernel_root[3] = physical(kernel_directory) | PTE_PRESENT;
    kernel_cr3 = (uint32_t)physical(kernel_root);
    write_cr3(kernel_cr3);
    memset(frame_table, 0, frame_table_bytes);
    table_placement_init(ram_end());
}
