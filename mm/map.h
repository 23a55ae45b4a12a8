/* SPDX-License-Identifier: MIT */
/*
 * Changing which areas an MM has: what mmap and its relatives do, for one MM
 * that may have many tasks. All take the MM's lock, then the locks of the
 * quarters they touch, one at a time and ascending; all addresses and lengths
 * are checked here, as Linux does.
 */
#pragma once

#include "kernel/types.h"

struct area;
struct mm;

#define MM_AREAS_MAX 65530    /* calls that make areas, as in Linux */
#define MAP_LOWEST   0x10000u /* nothing is put below without being asked */

/* Where mm_map() may put an area. */
enum map_place {
    MAP_HINT,    /* at the address if it is free, else anywhere */
    MAP_FIXED,   /* there, instead of what is there */
    MAP_IF_FREE, /* there, or -EEXIST */
};

/*
 * Add areas of `length` bytes with flags, object and offset as in `like`, as
 * many as quarters it touches. Returns the address, or -EINVAL, -ENOMEM,
 * -EEXIST, -EPERM. No page is mapped yet.
 */
int32_t mm_map(struct mm *mm, uint32_t address, uint32_t length,
               enum map_place place, const struct area *like);

/* Remove all areas and pages of the range. -EINVAL, -ENOMEM. */
int mm_unmap(struct mm *mm, uint32_t start, uint32_t length);

/*
 * Give all areas of the range other rights (AREA_ACCESS). -ENOMEM at a hole, or
 * when an area cannot be divided: what is below is changed then; -EACCES.
 */
int mm_protect(struct mm *mm, uint32_t start, uint32_t length, uint32_t access);

/* As mremap; `target` counts with ABI_MREMAP_FIXED. Address or error. */
int32_t mm_remap(struct mm *mm, uint32_t start, uint32_t old_length,
                 uint32_t new_length, uint32_t flags, uint32_t target);

/*
 * Keep the pages of all areas of the range in memory once they are, or no
 * more; no hole stops it. -ENOMEM: some areas could not be divided.
 */
int mm_set_locked(struct mm *mm, uint32_t start, uint32_t length, bool locked);

/* As madvise. */
int mm_advise(struct mm *mm, uint32_t start, uint32_t length, uint32_t advice);

/*
 * Whether areas cover the range without a hole: 0 or -ENOMEM. With `present`,
 * one byte a page is set to whether it has a frame.
 */
int mm_covered(struct mm *mm, uint32_t start, uint32_t length,
               uint8_t *present);

/* Make the pages of the range present, as far as that goes. */
void mm_populate(struct mm *mm, uint32_t start, uint32_t length);

/* Set the end of the heap; returns the end in force afterwards, as brk does. */
uint32_t mm_set_break(struct mm *mm, uint32_t end);
