/* SPDX-License-Identifier: MIT */
/*
 * The backing store that is memory: ranges taken from the allocator at boot,
 * the highest first, so frames above 4 GiB too. Their frame records are never
 * used; a slot's page is found by its place in the ranges, which are few.
 */
#include "kernel/log.h"
#include "kernel/options.h"
#include "machine/boot.h"
#include "mm/backing.h"
#include "mm/frame.h"
#include "mm/kmap.h"

static struct boot_range range[BOOT_RANGES + 1]; /* fixed after boot */

static phys_t page_of(uint32_t slot)
{
    const struct boot_range *r = range;
    uint32_t pages;
    while ((pages = (uint32_t)((r->end - r->start) >> PAGE_SHIFT)) <= slot) {
        slot -= pages;
        r++;
    }
    return r->start + ((phys_t)slot << PAGE_SHIFT);
}

static int write(uint32_t slot, struct frame *frame)
{
    void *from = kmap(frame), *to = kmap_phys(page_of(slot));
    page_copy(to, from);
    kunmap(to);
    kunmap(from);
    return 0;
}

static int read(uint32_t slot, struct frame *frame)
{
    void *from = kmap_phys(page_of(slot)), *to = kmap(frame);
    page_copy(to, from);
    kunmap(to);
    kunmap(from);
    return 0;
}

static struct backing memory = {
    .name = "memory set aside", .write = write, .read = read};

const struct backing *backing_memory(void)
{
    uint32_t wanted = options.swap_mib << (20 - PAGE_SHIFT), ranges;
    memory.pages = frames_set_aside(wanted, range, &ranges);
    if (memory.pages < wanted)
        log_warn("swap: only %u of %u MiB to set aside",
                 memory.pages >> (20 - PAGE_SHIFT), options.swap_mib);
    return &memory;
}
