/* SPDX-License-Identifier: MIT */
/*
 * Feeding parsers with damaged input. The input is a watched source: it notes
 * whether it was ever asked for bytes outside, and how often it was read, so
 * that a parser that runs away is caught. Damage is made from a seed, which a
 * failing test prints, so that every failure can be had again.
 */
#pragma once

#include "kernel/abi/errno.h"
#include "kernel/source.h"
#include "kernel/string.h"

struct watched {
    struct source source; /* hand this to the parser */
    const uint8_t *bytes;
    uint32_t reads;
    bool outside;
};

static inline int watched_read(const struct source *source, uint32_t offset,
                               void *buffer, uint32_t bytes)
{
    struct watched *w = container_of(source, struct watched, source);
    w->reads++;
    if (offset > source->size || bytes > source->size - offset) {
        w->outside = true;
        return -EIO;
    }
    memcpy(buffer, w->bytes + offset, bytes);
    return 0;
}

static inline struct watched watch(const void *bytes, uint32_t size)
{
    return (struct watched){.source = {.size = size, .read = watched_read},
                            .bytes = bytes};
}

/* Marsaglia's xorshift; the state must not be 0. */
static inline uint32_t fuzz_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Numbers that parsers stumble over. */
static inline uint32_t fuzz_number(uint32_t *state)
{
    static const uint32_t special[] = {
        0,      1,          3,          4,          0xff,       0xfff,
        0x1000, 0x7fffffff, 0x80000000, 0xbffff000, 0xc0000000, 0xfffff000,
        0xffff, 0xfffffffc, 0xfffffffe, 0xffffffff,
    };
    uint32_t r = fuzz_random(state);
    return r & 1 ? special[r / 2 % ARRAY_LENGTH(special)] : fuzz_random(state);
}

/* Damage up to four places: a bit, a byte, or a word of a nasty number. */
static inline void fuzz_damage(uint8_t *bytes, uint32_t size, uint32_t *state)
{
    for (uint32_t n = fuzz_random(state) % 4 + 1; n > 0; n--) {
        uint32_t at = fuzz_random(state) % size;
        uint32_t how = fuzz_random(state) % 3;
        uint32_t value = fuzz_number(state);
        if (how == 0)
            bytes[at] ^= (uint8_t)(1u << value % 8);
        else if (how == 1 || size < 4)
            bytes[at] = (uint8_t)value;
        else
            memcpy(bytes + (at & ~3u) % (size - 3), &value, sizeof(value));
    }
}

static inline void fuzz_fill(uint8_t *bytes, uint32_t size, uint32_t *state)
{
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)fuzz_random(state);
}
