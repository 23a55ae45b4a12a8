/* SPDX-License-Identifier: MIT */
/*
 * What the files that change an MM's areas share: map.c, protect.c, remap.c
 * and fork.c. The MM's lock is held, or no task uses the MM.
 */
#pragma once

#include "mm/area.h"
#include "mm/map.h"
#include "mm/mm.h"
#include "mm/tlb.h"

/* A free place for `length` bytes, below map_top if possible; 0: none. */
uint32_t map_find_room(const struct mm *mm, uint32_t length);

/* Whether no area is in [start, end). */
bool map_is_free(const struct mm *mm, uint32_t start, uint32_t end);

/* Add areas like one that begins at `start`; the range is free. 0, -ENOMEM. */
int map_add(struct mm *mm, uint32_t start, uint32_t end,
            const struct area *like);

/* Remove areas, pages and whole tables of the range. 0 or -ENOMEM. */
int map_remove(struct mm *mm, uint32_t start, uint32_t end);

/* After a change of the quarter's areas. */
void map_count_areas(struct quarter *quarter) REQUIRES(quarter->lock);

/* Take the pages of [from, to) out; the flush and the rest are to come. */
void quarter_gather_pages(struct quarter *quarter, uint32_t from, uint32_t to,
                          struct tlb_gather *gather) REQUIRES(quarter->lock);
