/* SPDX-License-Identifier: MIT */
/*
 * The boot loader's information (Multiboot specification 0.6.96, 3.3), copied
 * into boot_info before anything overwrites it, and the first steps in C. All
 * of it is read through the boot tables' direct map, so it must lie below 512
 * MiB, where QEMU and GRUB put it.
 *
 * Usable RAM is what the memory map calls available, cut down to whole pages,
 * less page 0, the trampoline's page, the image and the modules.
 */
#include "arch/i386/descriptors.h"
#include "arch/i386/paging.h"
#include "arch/i386/topology.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/main.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "machine/boot.h"
#include "machine/console.h"
#include "machine/layout.h"

#define INFO_MEMORY  (1u << 0)
#define INFO_COMMAND (1u << 2)
#define INFO_MODULES (1u << 3)
#define INFO_MAP     (1u << 6)
#define MAP_USABLE   1

struct multiboot_info {
    uint32_t flags;
    uint32_t lower_kib, upper_kib;
    uint32_t boot_device, command_line;
    uint32_t module_count, modules;
    uint32_t symbols[4];
    uint32_t map_bytes, map;
};

struct multiboot_module {
    uint32_t start, end, name, reserved;
};

struct __attribute__((packed)) multiboot_range {
    uint32_t size; /* of the rest of the entry */
    uint64_t start, bytes;
    uint32_t type;
};

struct boot_info boot_info;
void boot_main(uint32_t information);

extern const char image_start[], image_end[];

struct boot_range boot_image(void)
{
    return (struct boot_range){(uintptr_t)image_start - DIRECT_MAP,
                               (uintptr_t)image_end - DIRECT_MAP};
}

/* Kernel address of `bytes` bytes that the loader left at `physical`. */
static const void *loader_memory(uint32_t physical, uint32_t bytes)
{
    if (physical >= DIRECT_MAP_MAX || bytes > DIRECT_MAP_MAX - physical)
        panic("the boot loader left its data at %#x, out of reach", physical);
    return (const void *)(DIRECT_MAP + physical);
}

/* Let a range be number `i`, if there is room for one more. */
static void insert_range(uint32_t i, phys_t start, phys_t end)
{
    struct boot_range *r = &boot_info.range[i];
    if (boot_info.ranges == BOOT_RANGES) {
        log_warn("memory map: more than %u ranges, %#llx left out", BOOT_RANGES,
                 (unsigned long long)start);
        return;
    }
    memmove(r + 1, r, (boot_info.ranges++ - i) * sizeof(*r));
    *r = (struct boot_range){start, end};
}

static void add_range(phys_t start, phys_t end)
{
    boot_info.ram_bytes += end - start;
    start = (start + PAGE_MASK) & ~(phys_t)PAGE_MASK;
    end &= ~(phys_t)PAGE_MASK;
    if (start >= end)
        return;
    uint32_t i = 0;
    while (i < boot_info.ranges && boot_info.range[i].start <= start)
        i++;
    insert_range(i, start, end);
}

/* Ranges that overlap (firmware errs) count once. */
static void merge_ranges(void)
{
    uint32_t kept = 0;
    for (uint32_t i = 1; i < boot_info.ranges; i++) {
        struct boot_range *last = &boot_info.range[kept];
        struct boot_range r = boot_info.range[i];
        if (r.start > last->end)
            boot_info.range[++kept] = r;
        else if (r.end > last->end)
            last->end = r.end;
    }
    if (boot_info.ranges)
        boot_info.ranges = kept + 1;
}

/* Take [start, end) out of the usable ranges, whole pages. */
static void reserve(phys_t start, phys_t end)
{
    start &= ~(phys_t)PAGE_MASK;
    end = (end + PAGE_MASK) & ~(phys_t)PAGE_MASK;
    for (uint32_t i = 0; i < boot_info.ranges; i++) {
        struct boot_range *r = &boot_info.range[i];
        phys_t above = r->end;
        if (end <= r->start || start >= above)
            continue;
        r->end = start > r->start ? start : r->start;
        if (end < above)
            insert_range(i + 1, end, above);
    }
}

/* Hand the map's usable ranges, or all the others, to take(). */
static void walk_map(const struct multiboot_info *info, bool usable,
                     void (*take)(phys_t start, phys_t end))
{
    const char *at = loader_memory(info->map, info->map_bytes);
    const char *end = at + info->map_bytes;
    while (at + sizeof(struct multiboot_range) <= end) {
        const struct multiboot_range *r = (const void *)at;
        if ((r->type == MAP_USABLE) == usable && r->start + r->bytes > r->start)
            take(r->start, r->start + r->bytes);
        at += r->size + sizeof(r->size);
    }
}

static void read_memory_map(const struct multiboot_info *info)
{
    if (info->flags & INFO_MAP) {
        walk_map(info, true, add_range);
        merge_ranges();
        /* Firmware may list memory twice; what it keeps is not ours. */
        walk_map(info, false, reserve);
    } else if (info->flags & INFO_MEMORY) {
        add_range(0, (phys_t)info->lower_kib << 10);
        add_range(1u << 20, (1u << 20) + ((phys_t)info->upper_kib << 10));
    } else {
        panic("the boot loader does not say what memory there is");
    }
}

static void read_modules(const struct multiboot_info *info)
{
    if (!(info->flags & INFO_MODULES))
        return;
    const struct multiboot_module *module = loader_memory(
        info->modules, info->module_count * (uint32_t)sizeof(*module));
    for (uint32_t i = 0; i < info->module_count; i++) {
        if (i == BOOT_MODULES) {
            log_warn("only the first %u boot modules are used", BOOT_MODULES);
            break;
        }
        boot_info.module[boot_info.modules++] =
            (struct boot_range){module[i].start, module[i].end};
    }
}

static void read_information(uint32_t physical)
{
    const struct multiboot_info *info = loader_memory(physical, sizeof(*info));
    if (info->flags & INFO_COMMAND)
        boot_info.command_line_cut = !string_copy(
            boot_info.command_line, loader_memory(info->command_line, 1),
            sizeof(boot_info.command_line));
    read_modules(info);
    read_memory_map(info);
    reserve(0, PAGE_SIZE);
    reserve(TRAMPOLINE_PAGE, TRAMPOLINE_PAGE + PAGE_SIZE);
    reserve(boot_image().start, boot_image().end);
    for (uint32_t i = 0; i < boot_info.modules; i++)
        reserve(boot_info.module[i].start, boot_info.module[i].end);
}

/* Called by entry.asm on the boot stack, under the boot tables. */
void boot_main(uint32_t information)
{
    descriptors_init_cpu(cpu_boot_record());
    descriptors_init();
    serial_init();
    cpu_detect_features();
    cpu_init_features();
    read_information(information);
    options_parse(&options, boot_info.command_line, false);
    paging_init();
    kernel_main();
}
