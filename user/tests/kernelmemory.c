/* SPDX-License-Identifier: MIT */
/*
 * User mode can neither read, write nor run any part of the kernel's gigabyte,
 * nor page zero. A child tries each and dies of signal 11. This is what keeps
 * apart what all MMs map alike: the user bit of the entries.
 *
 * run: cpus=1,4 mem=512M
 * run: cpus=1 mem=64M options="lowmem=32M"
 */
#include "user/lib/check.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

static const struct region {
    const char *what;
    uint32_t address;
} regions[] = {
    {"page zero", 0x00000010},
    {"direct map, first page", 0xc0000000},
    {"VGA memory", 0xc00b8000},
    {"image", 0xc0100000},
    {"image, second page", 0xc0101000},
    {"direct map, behind the image", 0xc1000000},
    {"direct map, 510 MiB", 0xdfe00000},
    {"frame table", 0xe0000000},
    {"frame table, its end", 0xf0fffff0},
    {"global kernel area", 0xf1000000},
    {"global kernel area, 4 KiB on", 0xf1001000},
    {"global kernel area, its end", 0xf4fffff0},
    {"UKVA", 0xf5000000},
    {"UKVA, 4 KiB on", 0xf5001000},
    {"UKVA, its end", 0xff7ffff0},
    {"self map", 0xff800000},
    {"self map of the directories", 0xffffc000},
    {"last bytes", 0xfffffffc},
};

static const char *const ways[] = {"read", "write", "jump"};

static int attack(const char *way, uint32_t address)
{
    volatile uint32_t *at = (volatile uint32_t *)address;

    if (strcmp(way, "read") == 0)
        return (int)(*at & 0) + 99;
    if (strcmp(way, "write") == 0)
        *at = 0;
    else
        ((void (*)(void))address)();
    return 99;
}

int main(int argc, char **argv)
{
    char number[16], text[64];
    uint32_t address;

    if (argc == 3 && string_to_number(argv[2], &address))
        return attack(argv[1], address);
    for (uint32_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        for (int way = 0; way < 3; way++) {
            format_to(number, sizeof(number), "0x%x", regions[i].address);
            format_to(text, sizeof(text), "%s %s", ways[way], regions[i].what);
            CHECK_KILLED(text, program_run_self(ways[way], number, NULL),
                         ABI_SIGSEGV);
        }
    return check_result();
}
