/* SPDX-License-Identifier: MIT */
/*
 * The two kinds of sources. All range checks are here, once, in 32 bits and
 * without a sum that could wrap; the readers behind them only copy. Physical
 * memory is read a page at a time through a temporary mapping, since a boot
 * module may lie above the direct map.
 */
#include "kernel/source.h"

#include "kernel/abi/errno.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "mm/kmap.h"

int source_read(const struct source *source, uint32_t offset, void *buffer,
                uint32_t bytes)
{
    if (offset > source->size || bytes > source->size - offset)
        return -EIO;
    return source->read(source, offset, buffer, bytes);
}

static int read_buffer(const struct source *source, uint32_t offset,
                       void *buffer, uint32_t bytes)
{
    const char *start = (const char *)(uintptr_t)source->start;
    memcpy(buffer, start + offset, bytes);
    return 0;
}

static int read_memory(const struct source *source, uint32_t offset,
                       void *buffer, uint32_t bytes)
{
    phys_t from = source->start + offset;
    char *to = buffer;
    while (bytes) {
        uint32_t in_page = (uint32_t)from & PAGE_MASK;
        uint32_t part = PAGE_SIZE - in_page;
        if (part > bytes)
            part = bytes;
        char *page = kmap_phys(from - in_page);
        memcpy(to, page + in_page, part);
        kunmap(page);
        from += part;
        to += part;
        bytes -= part;
    }
    return 0;
}

struct source source_of_buffer(const void *bytes, uint32_t size)
{
    return (struct source){(uintptr_t)bytes, size, read_buffer};
}

struct source source_of_memory(phys_t start, uint32_t size)
{
    return (struct source){start, size, read_memory};
}

struct source source_part(const struct source *whole, uint32_t offset,
                          uint32_t size)
{
    ASSERT(offset <= whole->size && size <= whole->size - offset);
    return (struct source){whole->start + offset, size, whole->read};
}
