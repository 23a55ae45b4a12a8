/* SPDX-License-Identifier: MIT */
/* What the boot loader told us, copied out of its memory before paging ends. */
#pragma once

#include "kernel/types.h"

#define BOOT_RANGES  64
#define BOOT_MODULES 8

struct boot_range {
    phys_t start, end; /* bytes, end exclusive */
};

struct boot_info {
    char command_line[1024];
    bool command_line_cut; /* it was longer than that */
    uint32_t ranges;       /* usable RAM, ascending, no overlap, page-aligned */
    struct boot_range range[BOOT_RANGES];
    uint32_t modules; /* in the loader's order */
    struct boot_range module[BOOT_MODULES];
    phys_t ram_bytes; /* usable RAM as the loader gave it */
};

extern struct boot_info boot_info;

/* The kernel image in physical memory, bss and symbols included. */
struct boot_range boot_image(void);
