/* SPDX-License-Identifier: MIT */
/*
 * The files that the boot loader brought along: each boot module is a cpio
 * archive. Nothing is unpacked or copied; a file is a source over the module's
 * memory, which stays reserved. Where two archives have the same path the
 * later one's file is it, so a module can replace files of another.
 */
#pragma once

#include "kernel/source.h"

/*
 * Check the boot modules. One that is no archive, or only up to some place, is
 * reported and used as far as it is good. Boot, once, after kmap_phys() works.
 */
void initrd_init(void);

/*
 * Find a file. "/bin//x", "./bin/x" and "bin/x" are the same path. Returns 0
 * and fills *file and *mode (as in stat: directories and links are found too,
 * a link's bytes being its target), or -ENOENT. Takes no lock; does not sleep.
 */
int initrd_find(const char *path, struct source *file, uint32_t *mode);

/* Row `index` of QUERY_FILES, in the archives' order; false past the end. */
struct abi_file;
bool initrd_row(uint32_t index, struct abi_file *row);
