/* SPDX-License-Identifier: MIT */
/* Memory by moving the break; nothing is ever given back. */
#include "user/lib/memory.h"

#include "user/lib/syscall.h"

void *memory_pages(uint32_t pages)
{
    uint32_t start = (sys_brk(0) + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    uint32_t end = start + pages * PAGE_BYTES;

    if (sys_brk(end) != end)
        return NULL;
    return (void *)start;
}
