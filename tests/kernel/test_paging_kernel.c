/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own tables, which every MM's kernel part points to: nothing is
 * both writable and executable, text cannot be written, nothing is open to
 * programs, and no entry that points to a table has bit 8 set, which would be
 * a global entry of one MM in a self map.
 */
#include "arch/i386/paging.h"
#include "arch/i386/registers.h"
#include "arch/i386/self_map.h"
#include "kernel/call.h"
#include "machine/layout.h"
#include "tests/kernel/crew.h"

extern const char image_start[], image_rodata[], image_data[], image_symbols[],
    image_end[];

#define KERNEL_START 0xc0000000u

static const pte_t *table_at(pte_t entry)
{
    return (const pte_t *)(DIRECT_MAP + (uintptr_t)(entry & PTE_ADDRESS));
}

/* Whether bytes of the image from `start` to `end` lie at that address. */
static bool in(uintptr_t address, const char *start, const char *end)
{
    return address >= (uintptr_t)start && address < (uintptr_t)end;
}

/* What an entry for one page or one large page may be. */
static bool is_sound(uintptr_t address, pte_t entry)
{
    bool write = entry & PTE_WRITE, execute = !(entry & PTE_NX);
    if (entry & PTE_USER)
        return false;
    if (in(address, image_start, image_rodata))
        return !write && execute;
    if (in(address, image_rodata, image_data) ||
        in(address, image_symbols, image_end))
        return !write && (!execute || !pte_nx);
    if (in(address, image_data, image_symbols) && !write)
        return false;
    return !execute || !pte_nx;
}

/* Whether a direct-map address is mapped to what it stands for. */
static bool is_straight(uintptr_t address, pte_t entry)
{
    return address >= FRAME_TABLE ||
           (entry & PTE_ADDRESS) == address - DIRECT_MAP;
}

static bool check(uintptr_t address, pte_t entry)
{
    bool ok = is_sound(address, entry) && is_straight(address, entry);
    if (!ok)
        log_warn("entry of %08x: %016llx", (uint32_t)address,
                 (unsigned long long)entry);
    return ok;
}

SELFTEST(paging_kernel_rights, "no kernel page is both writable and executable")
{
    const pte_t *directory = kernel_directory; /* all its tables are low */
    uint32_t large = 0, small = 0;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        uintptr_t start = KERNEL_START + i * LARGE_PAGE;
        pte_t pde = pte_read(&directory[i]);
        if (!(pde & PTE_PRESENT))
            continue;
        if (pde & PTE_LARGE) {
            large++;
            CHECK(check(start, pde) && (pde & PTE_GLOBAL));
            continue;
        }
        CHECK(!(pde & (PTE_GLOBAL | PTE_USER)));
        for (uint32_t j = 0; j < ENTRIES; j++) {
            pte_t pte = pte_read(&table_at(pde)[j]);
            if (!(pte & PTE_PRESENT))
                continue;
            small++;
            CHECK(check(start + j * PAGE_SIZE, pte));
        }
    }
    CHECK(large > 0 && small > (image_end - image_start) / PAGE_SIZE);
}

/* But for its own region, and the self map, by which we look. */
SELFTEST_IN_MM(paging_kernel_same, "each MM's kernel part is the kernel's own")
{
    for (uint32_t at = DIRECT_MAP; at != UKVA_START; at += LARGE_PAGE)
        CHECK(
            !((pte_read(self_pde(at)) ^ kernel_directory[directory_index(at)]) &
              ~(PTE_ACCESSED | PTE_DIRTY)));
    for (uint32_t at = UKVA_START; at; at += LARGE_PAGE) {
        CHECK(!kernel_directory[directory_index(at)]);
        CHECK(!(pte_read(self_pde(at)) & (PTE_USER | PTE_GLOBAL)));
    }
}

SELFTEST(paging_kernel_covers,
         "the direct map reaches to the end of low memory")
{
    phys_t low_end = paging_low_end();
    for (phys_t at = 0; at < DIRECT_MAP_MAX; at += LARGE_PAGE) {
        uintptr_t address = DIRECT_MAP + (uintptr_t)at;
        bool there = kernel_directory[directory_index(address)] & PTE_PRESENT;
        CHECK(there == (at < low_end));
    }
}

static uint32_t wrong; /* CPUs without a protection; atomic */

static void look(void *unused)
{
    const uint32_t cr4 = CR4_PAE | CR4_PGE;
    (void)unused;
    bool nx = !pte_nx || (read_msr(MSR_EFER) & EFER_NXE);
    if (!(read_cr0() & CR0_WP) || (read_cr4() & cr4) != cr4 || !nx)
        atomic_add(&wrong, 1);
}

SELFTEST(paging_protections, "WP, PGE and NX are on, on every CPU")
{
    wrong = 0;
    call_cpus(cpus_online, look, NULL);
    CHECK(wrong == 0);
}
