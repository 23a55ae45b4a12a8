/* SPDX-License-Identifier: MIT */
/*
 * Temporary mappings. High frames exist where there is more memory than
 * lowmem= allows; elsewhere the same tests run on low frames, which need no
 * slot, and only the contents are compared.
 */
#include "arch/i386/self_map.h"
#include "kernel/string.h"
#include "machine/layout.h"
#include "machine/paging.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/kva.h"
#include "tests/kernel/crew.h"

static bool is_slot(const void *address, uint32_t depth)
{
    if (kmap_pools == &kmap_global) /* whichever is clean */
        return (uintptr_t)address - KMAP_POOL_START < POOL_SLOTS * PAGE_SIZE;
    return (uintptr_t)address ==
           KMAP_START + (this_cpu()->index * KMAP_NEST + depth) * PAGE_SIZE;
}

/* Frames, high ones if there are any; false without memory. */
static bool take(struct frame **frame, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!(frame[i] = frame_alloc(FRAME_ANY))) {
            while (i-- > 0)
                frame_put(frame[i]);
            return false;
        }
    return true;
}

static void put(struct frame **frame, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        frame_put(frame[i]);
}

SELFTEST(kmap_nested, "as many mappings at once as there are slots")
{
    struct frame *frame[KMAP_NEST];
    uint32_t *page[KMAP_NEST];
    bool places = true, contents = true;
    CHECK(take(frame, KMAP_NEST));
    for (uint32_t round = 0; round < 2; round++) {
        uint32_t depth = 0; /* slots in use; low frames take none */
        for (uint32_t i = 0; i < KMAP_NEST; i++) {
            page[i] = kmap(frame[i]);
            places &= frame[i]->zone == ZONE_HIGH
                          ? is_slot(page[i], depth++)
                          : page[i] == frame_virtual(frame[i]);
        }
        places &= this_cpu()->kmaps == depth;
        for (uint32_t i = 0; i < KMAP_NEST; i++)
            if (round == 0)
                page[i][i] = 0xabc0 + i;
            else
                contents &= page[i][i] == 0xabc0 + i;
        for (uint32_t i = KMAP_NEST; i-- > 0;)
            kunmap(page[i]);
        places &= this_cpu()->kmaps == 0;
    }
    put(frame, KMAP_NEST);
    CHECK(places && contents);
}

SELFTEST(kmap_low, "a low frame is seen where the direct map has it")
{
    struct frame *frame = frame_alloc(FRAME_LOW);
    CHECK(frame);
    void *page = kmap(frame), *again = kmap_phys(frame_phys(frame));
    kunmap(again);
    kunmap(page);
    frame_put(frame);
    CHECK(page == frame_virtual(frame) && again == page);
    CHECK((uintptr_t)page - DIRECT_MAP < paging_low_end());
}

SELFTEST(kmap_reused, "a slot shows its new page, not the one before")
{
    struct frame *frame[2];
    CHECK(take(frame, 2));
    bool ok = true;
    for (uint32_t i = 0; i < 100; i++) {
        /* Read after mapping: an old translation would show the other. */
        volatile uint32_t *page = kmap(frame[i % 2]);
        ok &= i < 2 || page[7] == i - 2;
        page[7] = i;
        kunmap((void *)page);
    }
    put(frame, 2);
    CHECK(ok);
}

/* Each CPU writes into two frames of its own through its slots. */
static void write_own(uint32_t index)
{
    struct frame *frame[2];
    stay_on(index);
    bool got = take(frame, 2);
    CREW_CHECK(got);
    for (uint32_t i = 0; got && i < 300 && crew_goes_on(); i++) {
        uint32_t *a = kmap(frame[0]), *b = kmap(frame[1]);
        CREW_CHECK(a != b);
        memset(a, (int)index, PAGE_SIZE / 2);
        a[0] = index << 16 | i;
        memcpy(b, a, PAGE_SIZE / 2);
        kunmap(b);
        kunmap(a);
        b = kmap(frame[1]);
        CREW_CHECK(b[0] == (index << 16 | i));
        CREW_CHECK((b[100] & 0xff) == index);
        kunmap(b);
        sched_yield_cpu();
    }
    if (got)
        put(frame, 2);
}

SELFTEST(kmap_cpus, "each CPU has slots of its own")
{
    CHECK(crew_run(cpus_running() * 2, write_own));
}

SELFTEST(kmap_anywhere, "any physical address can be mapped")
{
    /* Where a PC has its ROM's end, and above 4 GiB: neither is touched. */
    static const phys_t places[] = {0xfffff000, 0x123456000};
    for (uint32_t i = 0; i < ARRAY_LENGTH(places); i++) {
        void *page = kmap_phys(places[i]);
        bool slot = is_slot(page, 0);
        pte_t entry = slot ? pte_read(kernel_entry((uintptr_t)page)) : 0;
        kunmap(page);
        CHECK(slot && (entry & PTE_ADDRESS) == places[i]);
        CHECK((entry & PTE_WRITE) && !(entry & (PTE_GLOBAL | PTE_USER)));
        CHECK(!pte_nx || (entry & PTE_NX));
    }
}
