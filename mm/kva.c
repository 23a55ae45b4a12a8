/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the global kernel area, a bit a page. A page is free, used, or
 * stale: unmapped, but perhaps still in some CPU's TLB. A range is taken from
 * free pages only, together with the page below it, which stays unmapped and
 * catches overflow. Stale ranges and the frames they had wait for one flush
 * of all CPUs, made when STALE_LIMIT pages have come together or when the
 * area's addresses run out.
 */
#include "mm/kva.h"

#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "kernel/string.h"
#include "machine/kernel_map.h"
#include "machine/paging.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/tlb.h"

#define PAGES       ((KVA_END - KVA_START) / PAGE_SIZE)
#define WORDS       (PAGES / 32)
#define STALE_LIMIT 256 /* pages */

static struct spinlock kva_lock = SPINLOCK("global kernel area", RANK_KVA);
static uint32_t taken[WORDS] GUARDED_BY(kva_lock); /* used or stale */
static uint32_t stale[WORDS] GUARDED_BY(kva_lock);
static struct frame *stale_frames GUARDED_BY(kva_lock);
static uint32_t stale_count GUARDED_BY(kva_lock);
static uint32_t taken_count GUARDED_BY(kva_lock);
static uint32_t next_page GUARDED_BY(kva_lock); /* where to search on */

static bool bit_of(const uint32_t *map, uint32_t page)
{
    return map[page / 32] >> (page % 32) & 1;
}

static void bits_set(uint32_t *map, uint32_t page, uint32_t count)
{
    for (; count--; page++)
        map[page / 32] |= 1u << (page % 32);
}

static uint32_t page_of(const void *address)
{
    return ((uintptr_t)address - KVA_START) / PAGE_SIZE;
}

static uintptr_t address_of(uint32_t page)
{
    return KVA_START + page * PAGE_SIZE;
}

void kva_init(void)
{
    spin_lock(&kva_lock);
    bits_set(taken, 0, KMAP_START_PAGES);
    next_page = taken_count = KMAP_START_PAGES;
    spin_unlock(&kva_lock);
}

/* First page of a run of `count` free pages, or 0. Next fit. */
static uint32_t find_run(uint32_t count) REQUIRES(kva_lock)
{
    uint32_t run = 0;
    for (uint32_t seen = 0, page = next_page; seen < PAGES + count;
         seen++, page++) {
        if (page >= PAGES)
            page = run = 0;
        if (run == 0 && page % 32 == 0 && taken[page / 32] == ~0u) {
            page += 31;
            seen += 31;
            continue;
        }
        run = bit_of(taken, page) ? 0 : run + 1;
        if (run == count) {
            next_page = page + 1;
            return page + 1 - count;
        }
    }
    return 0;
}

/* Take `pages` addresses above a guard page; 0 when the area is full. */
static uintptr_t take_addresses(uint32_t pages)
{
    spin_lock(&kva_lock);
    uint32_t page = find_run(pages + 1);
    if (page) {
        bits_set(taken, page, pages + 1);
        taken_count += pages + 1;
    }
    spin_unlock(&kva_lock);
    return page ? address_of(page + 1) : 0;
}

static uintptr_t take_addresses_or_settle(uint32_t pages)
{
    uintptr_t address = take_addresses(pages);
    if (!address) {
        kva_settle();
        address = take_addresses(pages);
    }
    return address;
}

/* Unmapped pages, their guard and their frames wait for the next flush. */
static void make_stale(uintptr_t address, uint32_t pages, struct frame *frames)
{
    spin_lock(&kva_lock);
    bits_set(stale, page_of((void *)address) - 1, pages + 1);
    stale_count += pages + 1;
    while (frames) {
        struct frame *next = frames->next;
        frames->next = stale_frames;
        stale_frames = frames;
        frames = next;
    }
    bool settle = stale_count >= STALE_LIMIT;
    spin_unlock(&kva_lock);
    if (settle)
        kva_settle();
}

/* Unmap pages; their frames as a list. */
static struct frame *unmap_frames(uintptr_t address, uint32_t pages)
{
    struct frame *frames = NULL;
    for (uint32_t i = 0; i < pages; i++) {
        struct frame *frame = frame_at(kernel_unmap(address + i * PAGE_SIZE));
        frame->next = frames;
        frames = frame;
    }
    return frames;
}

void *kva_alloc(uint32_t pages, enum frame_want want)
{
    uintptr_t address = take_addresses_or_settle(pages);
    if (!address)
        return NULL;
    for (uint32_t i = 0; i < pages; i++) {
        struct frame *frame = frame_alloc(want);
        if (!frame) {
            make_stale(address, pages, unmap_frames(address, i));
            return NULL;
        }
        kernel_map(address + i * PAGE_SIZE, frame_phys(frame),
                   MAP_WRITE | MAP_GLOBAL);
    }
    return (void *)address;
}

void kva_free(void *start, uint32_t pages)
{
    uintptr_t address = (uintptr_t)start;
    make_stale(address, pages, unmap_frames(address, pages));
}

void kva_settle(void)
{
    /* One at a time; outer to the area's own lock, so any rank above does. */
    static struct spinlock settle_lock = SPINLOCK("kva settle", RANK_SETTLE);
    static uint32_t flushed[WORDS];

    spin_lock(&settle_lock);
    spin_lock(&kva_lock);
    struct frame *frames = stale_frames;
    memcpy(flushed, stale, sizeof(stale));
    memset(stale, 0, sizeof(stale));
    uint32_t count = stale_count;
    stale_frames = NULL;
    stale_count = 0;
    spin_unlock(&kva_lock);

    /* What was unmapped before this flush is now nowhere cached. */
    if (count)
        tlb_flush_kernel();

    spin_lock(&kva_lock);
    for (uint32_t i = 0; i < WORDS; i++)
        taken[i] &= ~flushed[i];
    taken_count -= count;
    spin_unlock(&kva_lock);
    spin_unlock(&settle_lock);
    while (frames) {
        struct frame *next = frames->next;
        frame_put(frames);
        frames = next;
    }
}

static void *map_physical(phys_t start, uint32_t bytes, uint32_t flags)
{
    uint32_t offset = (uint32_t)start & PAGE_MASK;
    uint32_t pages = round_up(offset + bytes, PAGE_SIZE) / PAGE_SIZE;
    uintptr_t address = take_addresses_or_settle(pages);
    if (!address)
        panic("no room to map %#llx", (unsigned long long)start);
    for (uint32_t i = 0; i < pages; i++)
        kernel_map(address + i * PAGE_SIZE, start - offset + i * PAGE_SIZE,
                   flags | MAP_WRITE | MAP_GLOBAL);
    return (void *)(address + offset);
}

void *kva_map_io(phys_t start, uint32_t bytes)
{
    return map_physical(start, bytes, MAP_UNCACHED);
}

void *kva_map_memory(phys_t start, uint32_t bytes)
{
    return map_physical(start, bytes, 0);
}

void kva_unmap(void *address, uint32_t bytes)
{
    uintptr_t first = round_down((uintptr_t)address, PAGE_SIZE);
    uint32_t pages =
        round_up((uintptr_t)address - first + bytes, PAGE_SIZE) / PAGE_SIZE;
    for (uint32_t i = 0; i < pages; i++)
        kernel_unmap(first + i * PAGE_SIZE);
    make_stale(first, pages, NULL);
}

uint32_t kva_used_bytes(void)
{
    spin_lock(&kva_lock);
    uint32_t pages = taken_count - stale_count;
    spin_unlock(&kva_lock);
    return pages * PAGE_SIZE;
}
