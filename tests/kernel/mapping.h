/* SPDX-License-Identifier: MIT */
/* Mapping pages in an MM by their addresses, for self-tests. */
#ifndef TESTS_KERNEL_MAPPING_H
#define TESTS_KERNEL_MAPPING_H

#include "kernel/abi/errno.h"
#include "mm/area.h"
#include "mm/map.h"
#include "mm/mm.h"

/* Anonymous private memory at [start, end) if nothing is there. 0 or error. */
static inline int map_pages(struct mm *mm, uint32_t start, uint32_t end,
                            uint32_t flags)
{
    struct area like = {.flags = flags};
    int32_t at = mm_map(mm, start, end - start, MAP_IF_FREE, &like);
    return IS_ERROR(at) ? at : at == (int32_t)start ? 0 : -EIO;
}

static inline int unmap_pages(struct mm *mm, uint32_t start, uint32_t end)
{
    return mm_unmap(mm, start, end - start);
}

#endif
