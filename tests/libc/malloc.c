/* SPDX-License-Identifier: MIT */
/*
 * The heap in one thread: all sizes from a byte to 64 MiB, alignment, calloc()
 * of recycled memory, realloc() that grows and shrinks, a long random sequence
 * whose blocks are filled with patterns and checked, requests that cannot be
 * met. Small blocks come from brk, large ones from mmap, mremap moves them.
 *
 * run: tier=quick
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>

#include "libc.h"

#define BLOCKS 400
#define STEPS  20000

static int filled(const unsigned char *block, int byte, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (block[i] != byte)
            return 0;
    return 1;
}

static void sizes(void)
{
    for (size_t bytes = 1; bytes <= 64u << 20; bytes *= 4) {
        unsigned char *block = malloc(bytes);
        if (!CHECK(block != NULL, "malloc of %zu", bytes))
            continue;
        int aligned = ((uintptr_t)block & 7) == 0;
        block[0] = 1;
        block[bytes / 2] = 2;
        block[bytes - 1] = 3;
        CHECK(aligned && block[bytes - 1] == 3, "written and aligned");
        free(block);
    }
}

static void aligned(void)
{
    for (size_t bound = 16; bound <= 1u << 20; bound *= 8) {
        void *block = NULL;
        int error = posix_memalign(&block, bound, 100);
        CHECK(!error && (uintptr_t)block % bound == 0, "aligned to %zu", bound);
        free(block);
    }
}

static void recycled(void)
{
    unsigned char *block = malloc(300000);

    memset(block, 0xee, 300000);
    free(block);
    block = calloc(1000, 300);
    CHECK(filled(block, 0, 300000), "calloc clears what was used");
    free(block);
    CHECK(calloc(SIZE_MAX / 2, 3) == NULL && errno == ENOMEM,
          "calloc sees the overflow");
}

static void moved(void)
{
    size_t bytes = 10;
    unsigned char *block = malloc(bytes);

    memset(block, 0x5a, 10);
    while (bytes < 20u << 20) {
        bytes *= 3;
        block = realloc(block, bytes);
        if (!block)
            break;
        block[bytes - 1] = 1;
    }
    CHECK(block && filled(block, 0x5a, 10), "realloc keeps the start, growing");
    block = realloc(block, 5);
    CHECK(block && filled(block, 0x5a, 5), "and shrinking");
    free(block);
}

static void random_sequence(void)
{
    static unsigned char *blocks[BLOCKS];
    static size_t lengths[BLOCKS];
    uint32_t seed = 12345;
    int spoiled = 0, missing = 0;

    for (int step = 0; step < STEPS; step++) {
        seed = seed * 1664525 + 1013904223;
        int i = (int)(seed >> 16) % BLOCKS;
        int byte = i & 0xff;
        if (blocks[i] && !filled(blocks[i], byte, lengths[i]))
            spoiled++;
        seed = seed * 1664525 + 1013904223;
        size_t bytes = (seed >> 8) % ((seed & 7) ? 300 : 40000) + 1;
        if (seed & 0x80) {
            free(blocks[i]);
            blocks[i] = malloc(bytes);
        } else {
            blocks[i] = realloc(blocks[i], bytes);
        }
        lengths[i] = bytes;
        if (blocks[i])
            memset(blocks[i], byte, bytes);
        else
            missing++;
    }
    CHECK(!spoiled, "no block of %d steps was spoiled", STEPS);
    CHECK(!missing, "all were served");
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

static void too_much(void)
{
    volatile size_t huge = SIZE_MAX - 100;

    errno = 0;
    CHECK(malloc(huge) == NULL && errno == ENOMEM, "all memory: ENOMEM");
    errno = 0;
    huge = 0x7ffff000;
    void *a = malloc(huge), *b = malloc(huge);
    CHECK(!a || !b, "twice 2 GiB is too much");
    free(a);
    free(b);
    free(NULL);
}

int main(void)
{
    sizes();
    aligned();
    recycled();
    moved();
    random_sequence();
    too_much();
    return check_sum();
}
