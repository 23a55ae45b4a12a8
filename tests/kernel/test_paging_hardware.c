/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's rules about paging rest on, asked of the CPU itself (SDM
 * vol. 3, 4.4.1, 4.10.2.4): entries of the root are read when CR3 is loaded and
 * cached until the next load, INVLPG or not; global entries survive a CR3
 * load; a root with reserved bits is refused. QEMU's TCG does none of the
 * three, so there only the outcome after the right flush is checked; Bochs and
 * every other machine must do as the manual says. Interrupts are off while a
 * test has changed the tables under its own feet.
 */
#include "arch/i386/registers.h"
#include "arch/i386/self_map.h"
#include "machine/cpu.h"
#include "machine/kernel_map.h"
#include "machine/layout.h"
#include "mm/frame.h"
#include "mm/kva.h"
#include "tests/kernel/selftest.h"

#define WINDOW 0x40000000u /* the first page of quarter 1 */

#define CPUID1_ECX_HYPERVISOR (1u << 31)
#define CPUID_HYPERVISOR      0x40000000u

/* Whether this is QEMU without hardware support ("TCGTCGTCGTCG"). */
static bool is_tcg(void)
{
    struct cpuid id = cpuid(CPUID_HYPERVISOR, 0);
    return (cpuid(1, 0).ecx & CPUID1_ECX_HYPERVISOR) && id.ebx == 0x54474354 &&
           id.ecx == 0x43544743 && id.edx == 0x47435447;
}

/* Whether the machine did as the manual says, or is excused. */
static bool as_manual(const char *what, bool seen)
{
    log_info("%s: %s", what, seen ? "yes" : "no");
    return seen || is_tcg();
}

/* A root of our own, and two ways from it to a page at WINDOW. */
enum {
    ROOT,
    DIRECTORY,
    TABLE = DIRECTORY + 2,
    PAGE = TABLE + 2,
    FRAMES = PAGE + 2
};
static struct frame *frames[FRAMES];

static volatile uint64_t *words_of(uint32_t i)
{
    return frame_virtual(frames[i]);
}

static void free_frames(void)
{
    for (uint32_t i = 0; i < FRAMES; i++) {
        if (frames[i])
            frame_put(frames[i]);
        frames[i] = NULL;
    }
}

/* The page at the end of way n holds n + 1. False without memory. */
static bool build(void)
{
    const uint64_t *now = (const uint64_t *)(DIRECT_MAP + (read_cr3() & ~31u));
    for (uint32_t i = 0; i < FRAMES; i++)
        if (!(frames[i] = frame_alloc_zeroed(FRAME_LOW))) {
            free_frames();
            return false;
        }
    for (uint32_t n = 0; n < 2; n++) {
        words_of(PAGE + n)[0] = n + 1;
        words_of(TABLE + n)[0] =
            pte_make(frame_number(frames[PAGE + n]), MAP_WRITE);
        words_of(DIRECTORY + n)[0] =
            frame_phys(frames[TABLE + n]) | PTE_PRESENT | PTE_WRITE;
    }
    words_of(ROOT)[3] = now[3] & ~PTE_ACCESSED; /* QEMU sets it */
    return true;
}

static void go_way(uint32_t n)
{
    words_of(ROOT)[1] = frame_phys(frames[DIRECTORY + n]) | PTE_PRESENT;
}

static uint32_t see(uintptr_t address)
{
    return *(volatile uint32_t *)address;
}

SELFTEST(paging_root_cached, "a changed root counts from the next CR3 load on")
{
    CHECK(build());
    uint32_t interrupts = interrupts_save(), cr3 = read_cr3();
    uint32_t root = (uint32_t)frame_phys(frames[ROOT]);
    go_way(0);
    write_cr3(root);
    uint32_t at_first = see(WINDOW);
    go_way(1);
    tlb_flush_local_page(WINDOW);
    uint32_t after_invlpg = see(WINDOW);
    write_cr3(root);
    uint32_t after_load = see(WINDOW);
    write_cr3(cr3);
    interrupts_restore(interrupts);
    free_frames();
    CHECK(at_first == 1 && after_load == 2);
    CHECK(as_manual("root entries are cached", after_invlpg == 1));
}

/* Load CR3; false if that is answered with an exception. */
static bool try_cr3(uint32_t cr3)
{
    uint32_t refused;
    __asm__ volatile("movl $1, %0\n"
                     "1:\tmovl %1, %%cr3\n\t"
                     "movl $0, %0\n"
                     "2:\n\t"
                     ".pushsection .exceptions, \"a\"\n\t"
                     ".long 1b, 2b\n\t"
                     ".popsection"
                     : "=&r"(refused)
                     : "r"(cr3)
                     : "memory");
    return !refused;
}

SELFTEST(paging_root_reserved, "a root entry with reserved bits is refused")
{
    CHECK(build());
    uint32_t interrupts = interrupts_save(), cr3 = read_cr3();
    uint32_t root = (uint32_t)frame_phys(frames[ROOT]);
    go_way(0);
    bool good = try_cr3(root) && see(WINDOW) == 1;
    write_cr3(cr3);
    words_of(ROOT)[1] |= PTE_WRITE; /* a root entry has no rights */
    bool refused = !try_cr3(root);
    bool kept = read_cr3() == cr3;
    write_cr3(cr3);
    interrupts_restore(interrupts);
    free_frames();
    CHECK(good && kept == refused);
    CHECK(as_manual("reserved bits of a root are refused", refused));
}

/* Another frame at `address` without a flush. */
static void replace(uintptr_t address, const struct frame *frame,
                    uint32_t flags)
{
    kernel_unmap(address);
    kernel_map(address, frame_phys(frame), MAP_WRITE | flags);
}

SELFTEST(paging_global_stays,
         "a global entry survives a CR3 load, no other does")
{
    volatile uint32_t *page = kva_alloc(1, FRAME_LOW);
    uintptr_t address = (uintptr_t)page;
    CHECK(page);
    struct frame *first =
        frame_at(pte_read(kernel_entry(address)) & PTE_ADDRESS);
    struct frame *second = frame_alloc(FRAME_LOW);
    bool memory = second != NULL;
    uint32_t after_load = 0, after_flush = 0, after_page = 0, ordinary = 0;
    if (memory) {
        uint32_t interrupts = interrupts_save();
        *(uint32_t *)frame_virtual(second) = 2;
        page[0] = 1;
        replace(address, second, MAP_GLOBAL);
        write_cr3(read_cr3());
        after_load = see(address);
        tlb_flush_local_global();
        after_flush = see(address);
        replace(address, first, MAP_GLOBAL);
        tlb_flush_local_page(address);
        after_page = see(address);
        replace(address, first, 0);
        tlb_flush_local_global();
        ordinary = see(address);
        replace(address, second, 0);
        tlb_flush_local_all();
        ordinary += see(address) << 8;
        replace(address, first, MAP_GLOBAL);
        tlb_flush_local_global();
        interrupts_restore(interrupts);
        frame_put(second);
    }
    kva_free((void *)address, 1);
    CHECK(memory && after_flush == 2 && after_page == 1);
    CHECK(ordinary == 0x201);
    CHECK(as_manual("a global entry survives a CR3 load", after_load == 1));
}
