/* SPDX-License-Identifier: MIT */
/*
 * A run of bytes that a parser reads by offset: a file of the initrd, which
 * may lie in memory the kernel has not mapped, or in tests a plain buffer.
 */
#pragma once

#include "kernel/types.h"

struct source {
    phys_t start; /* where its first byte is; a pointer in tests */
    uint32_t size;
    int (*read)(const struct source *source, uint32_t offset, void *buffer,
                uint32_t bytes);
};

/*
 * Read exactly `bytes` bytes from `offset`: 0, or -EIO when that is not all
 * inside the source. Does not sleep.
 */
MUST_CHECK int source_read(const struct source *source, uint32_t offset,
                           void *buffer, uint32_t bytes);

/* A source over bytes that the kernel can address. */
struct source source_of_buffer(const void *bytes, uint32_t size);

/* A source over physical memory, wherever it lies. */
struct source source_of_memory(phys_t start, uint32_t size);

/* A part of a source; the caller has checked that it is inside. */
struct source source_part(const struct source *whole, uint32_t offset,
                          uint32_t size);
