/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define PAGE_BYTES 4096u

/*
 * Fresh zeroed pages at the end of the heap, page-aligned; NULL when there are
 * none. The page behind the last one handed out is not mapped, which tests of
 * bad pointers rely on. Not for several threads at once.
 */
void *memory_pages(uint32_t pages);
