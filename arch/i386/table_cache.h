/* SPDX-License-Identifier: MIT */
/*
 * Tables kept for the next MM. A user's table or directory is freed when all
 * its entries are cleared and flushed, so it is as good as a new one; a top
 * directory differs from the kernel's by little. It spares clearing and
 * copying.
 */
#pragma once

#include "mm/frame.h"

enum table_kind { TABLE_EMPTY, TABLE_TOP, TABLE_KINDS };

/* Whether what stands for an allocation is to fail: mm/fail.h. */
bool table_cache_fails(enum table_kind kind);

/* One of them; NULL: there is none. */
struct frame *table_cache_take(enum table_kind kind);

/* Free one, its flush done, or keep it. */
void table_cache_put(enum table_kind kind, struct frame *table);
