/* SPDX-License-Identifier: MIT */
/*
 * The global kernel area: what is mapped and with which rights, guard pages,
 * and the rule that an address or a frame is used again only after every CPU
 * has flushed. The entries are looked at directly, the flushes are counted.
 */
#include "arch/i386/self_map.h"
#include "kernel/counters.h"
#include "machine/layout.h"
#include "mm/fail.h"
#include "mm/kva.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"

#define AREA_PAGES ((KVA_END - KVA_START) / PAGE_SIZE)

static pte_t entry_at(const void *start, int32_t page)
{
    return pte_read(kernel_entry((uintptr_t)start + page * (int32_t)PAGE_SIZE));
}

static uint64_t free_frames(void)
{
    struct frame_stats stats;
    frame_stats(&stats);
    return stats.free[ZONE_LOW] + stats.free[ZONE_HIGH];
}

SELFTEST(kva_mapping, "pages are mapped writable, global, for the kernel only")
{
    const pte_t rights = PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | pte_nx;
    const pte_t all = rights | PTE_USER | PTE_LARGE | PTE_NX;
    uint32_t used = kva_used_bytes();
    uint32_t *start = kva_alloc(3, FRAME_ANY);
    CHECK(start);
    pte_t entry[5];
    for (int32_t page = 0; page < 5; page++)
        entry[page] = entry_at(start, page - 1);
    for (uint32_t page = 0; page < 3; page++)
        start[page * PAGE_SIZE / 4] = page;
    uint32_t used_then = kva_used_bytes();
    uint32_t sum = start[0] + start[PAGE_SIZE / 4] + start[PAGE_SIZE / 2];
    kva_free(start, 3);
    CHECK((uintptr_t)start >= KVA_START && (uintptr_t)start < KVA_END);
    CHECK(sum == 3 && used_then == used + 4 * PAGE_SIZE);
    CHECK(!(entry[0] & PTE_PRESENT)); /* the guard page */
    for (uint32_t page = 1; page < 4; page++)
        CHECK((entry[page] & all) == rights);
    CHECK((entry[1] & PTE_ADDRESS) != (entry[2] & PTE_ADDRESS));
    for (int32_t page = 0; page < 3; page++)
        CHECK(!(entry_at(start, page) & PTE_PRESENT));
    CHECK(kva_used_bytes() == used);
}

SELFTEST(kva_device, "device registers are mapped uncached, at any alignment")
{
    const phys_t place = 0xfee00ff0;
    uint8_t *start = kva_map_io(place, 32); /* over a page border */
    pte_t first = entry_at(start, 0), second = entry_at(start, 1);
    pte_t behind = entry_at(start, 2);
    kva_unmap(start, 32);
    CHECK(((uintptr_t)start & PAGE_MASK) == 0xff0);
    CHECK((first & PTE_ADDRESS) == 0xfee00000);
    CHECK((second & PTE_ADDRESS) == 0xfee01000);
    CHECK((first & second & PTE_UNCACHED) && !(behind & PTE_PRESENT));
    CHECK(!pte_nx || (first & second & PTE_NX));
    CHECK(!(entry_at(start, 0) & PTE_PRESENT));
}

SELFTEST(kva_frames_wait, "frames are free only after every CPU has flushed")
{
    struct cpu *cpu;
    uint64_t flushes[MAX_CPUS];
    kva_settle();
    void *start = kva_alloc(2, FRAME_LOW);
    CHECK(start);
    uint64_t before = free_frames();
    for_each_cpu (cpu)
        flushes[cpu->index] = cpu->counters.value[COUNTER_flush_global];
    kva_free(start, 2);
    CHECK(free_frames() == before);
    kva_settle();
    CHECK(free_frames() == before + 2);
    for_each_cpu (cpu)
        CHECK(cpu->counters.value[COUNTER_flush_global] > flushes[cpu->index]);
}

/* How many times the CPU that flushed least has, since `base` was noted. */
static uint32_t least_flushes(const uint64_t *base)
{
    struct cpu *cpu;
    uint32_t least = ~0u;
    for_each_cpu (cpu) {
        uint32_t n = (uint32_t)(cpu->counters.value[COUNTER_flush_global] -
                                base[cpu->index]);
        if (n < least)
            least = n;
    }
    return least;
}

SELFTEST(kva_reuse, "an address is used again only after every CPU has flushed")
{
    struct cpu *cpu;
    uint64_t base[MAX_CPUS];
    /* For each page of the area: 1 + least_flushes() when it was freed. */
    uint32_t pages = AREA_PAGES * sizeof(uint32_t) / PAGE_SIZE, reused = 0;
    uint32_t *freed = kva_alloc(pages, FRAME_ANY);
    CHECK(freed);
    for (uint32_t i = 0; i < AREA_PAGES; i++)
        freed[i] = 0;
    for_each_cpu (cpu)
        base[cpu->index] = cpu->counters.value[COUNTER_flush_global];
    bool ok = true;
    /* Mappings of low memory: addresses alone, no frames. */
    for (uint32_t i = 0; i < AREA_PAGES && ok && reused < 1000; i++) {
        uint32_t count = 1 + i % 24, page;
        void *start = kva_map_memory(0, count * PAGE_SIZE);
        page = ((uintptr_t)start - KVA_START) / PAGE_SIZE;
        for (uint32_t n = 0; n < count; n++) {
            reused += freed[page + n] != 0;
            ok &= !freed[page + n] || least_flushes(base) >= freed[page + n];
            freed[page + n] = 1 + least_flushes(base);
        }
        kva_unmap(start, count * PAGE_SIZE);
    }
    kva_free(freed, pages);
    CHECK(ok && reused >= 1000);
}

SELFTEST(kva_too_much, "what cannot be had is refused and leaves no trace")
{
    uint64_t before = frames_free_settled();
    uint32_t used = kva_used_bytes();
    CHECK(!kva_alloc(AREA_PAGES, FRAME_ANY));
    /* The third frame of four fails. */
    fail_set(3);
    void *start = kva_alloc(4, FRAME_ANY);
    CHECK(!start && fail_set(0) == 0);
    CHECK(kva_used_bytes() == used && frames_free_settled() == before);
    /* All the same with each of them. */
    for (uint32_t n = 1; n <= 5; n++) {
        fail_set(n);
        start = kva_alloc(4, FRAME_ANY);
        CHECK((fail_set(0) == 0) == !start && !start == (n < 5));
        if (start)
            kva_free(start, 4);
        CHECK(frames_free_settled() == before);
    }
    CHECK(kva_used_bytes() == used);
}

#define BLOCKS 16

/* A random mixture of sizes; each page is marked and must keep its mark. */
static void allocate_and_mark(uint32_t index)
{
    uint32_t *block[BLOCKS] = {0}, pages[BLOCKS];
    uint32_t random = 0x1234567u * (index + 1);
    stay_on(index);
    for (uint32_t i = 0; i < 200 && crew_goes_on(); i++) {
        uint32_t b = fuzz_random(&random) % BLOCKS;
        uint32_t mark = index << 8 | b;
        if (block[b]) {
            for (uint32_t page = 0; page < pages[b]; page++)
                CREW_CHECK(block[b][page * PAGE_SIZE / 4] == mark);
            kva_free(block[b], pages[b]);
            block[b] = NULL;
            continue;
        }
        pages[b] = 1 + fuzz_random(&random) % 5;
        block[b] = kva_alloc(pages[b], FRAME_ANY);
        CREW_CHECK(block[b]);
        for (uint32_t page = 0; block[b] && page < pages[b]; page++)
            block[b][page * PAGE_SIZE / 4] = mark;
    }
    for (uint32_t b = 0; b < BLOCKS; b++)
        if (block[b])
            kva_free(block[b], pages[b]);
}

SELFTEST(kva_cpus, "all CPUs allocate at once, in pieces of all sizes")
{
    uint64_t before = frames_free_settled();
    uint32_t used = kva_used_bytes();
    CHECK(crew_run(cpus_running(), allocate_and_mark));
    CHECK(frames_free_settled() == before && kva_used_bytes() == used);
}
