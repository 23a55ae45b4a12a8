/* SPDX-License-Identifier: MIT */
/* The machine as a whole: the first screen, memory, and a bench's heading. */
#include "user/lib/division.h"
#include "user/lib/memory.h"
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/system.h"

#define HIGH_FRAMES_LEAST 4096u /* 16 MiB */

void show_banner(void)
{
    struct abi_system s = system_read();
    uint32_t tenths =
        (uint32_t)divide_u64(s.uptime_ns + 50000000, 100000000, NULL);

    printf("Quartet: %u CPU%s, %s, %u MiB (%u low, %u high), "
           "boot %u.%u s\n",
           s.cpus, s.cpus == 1 ? "" : "s", s.features, s.memory_mib, s.low_mib,
           s.high_mib, tenths / 10, tenths % 10);
    printf("policy  %s\n", s.policies);
    printf("try     help | demo | tasks | mm | counters | test | exit\n");
}

static void zone_line(const char *name, uint64_t total, uint64_t free_frames)
{
    uint64_t page = PAGE_BYTES;

    printf("%-12s %12s %12s %12s\n", name, bytes_text(total * page).text,
           bytes_text((total - free_frames) * page).text,
           bytes_text(free_frames * page).text);
}

static void size_line(const char *name, uint64_t bytes, const char *note)
{
    printf("%-12s %12s  %s\n", name, bytes_text(bytes).text, note);
}

void show_memory(void)
{
    struct abi_system s = system_read();

    printf("frames              total         used         free\n");
    zone_line("low", s.frames_total_low, s.frames_free_low);
    zone_line("high", s.frames_total_high, s.frames_free_high);
    zone_line("all", s.frames_total_low + s.frames_total_high,
              s.frames_free_low + s.frames_free_high);
    printf("\n");
    size_line("RAM", (uint64_t)s.memory_mib << 20, "as the firmware reports");
    size_line("image", s.kernel_bytes, "the kernel itself");
    size_line("frame table", s.frame_table_bytes, "one entry a frame");
    size_line("slabs", s.slab_bytes, "kernel objects");
    size_line("tables low", s.table_bytes_low, "page tables in low memory");
    size_line("tables high", s.table_bytes_high, "those in high memory");
    size_line("UKVA", s.ukva_bytes, "mapped in MMs' own regions: stacks");
    size_line("initrd", s.initrd_bytes, "programs and files");
    size_line("kernel area", s.kva_used_bytes, "addresses taken, of");
    size_line("", s.kva_total_bytes, "addresses there are");
}

void show_configuration(void)
{
    struct abi_system s = system_read();

    printf("Quartet %s, %s build, %u CPU%s, %u MiB, TSC %u kHz\npolicy %s\n",
           s.version, s.build, s.cpus, s.cpus == 1 ? "" : "s", s.memory_mib,
           (uint32_t)divide_u64(s.tsc_hz, 1000, NULL), s.policies);
}

bool show_high_memory(void)
{
    if (system_read().frames_total_high >= HIGH_FRAMES_LEAST)
        return true;
    printf("Nearly all memory is low here, so there is nothing to be seen: "
           "boot with lowmem=64M.\n");
    return false;
}
