/* SPDX-License-Identifier: MIT */
/*
 * The heap: it grows and shrinks by the byte, new memory is zero even where
 * the heap has been before, what lies behind its end is gone, and an end that
 * cannot be had leaves the old one. On failure brk() returns the old end.
 *
 * run: cpus=1,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/memory.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"

#define PAGES 64

static uint32_t not_zero(const uint8_t *bytes, uint32_t count)
{
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < count; i++)
        wrong += bytes[i] != 0;
    return wrong;
}

static void grow_and_shrink(uint32_t start)
{
    uint32_t bytes = PAGES * PAGE_BYTES;
    uint8_t *heap = (uint8_t *)start;

    for (int round = 0; round < 3; round++) {
        CHECK_EQUAL(sys_brk(start + bytes), start + bytes);
        CHECK_EQUAL(sys_brk(0), start + bytes);
        CHECK_EQUAL_IN("bytes not zero", not_zero(heap, bytes), 0);
        memset(heap, 0x5a, bytes);
        CHECK_EQUAL(sys_brk(start), start);
    }
    /* An end inside a page: the whole page is there. */
    CHECK_EQUAL(sys_brk(start + 10), start + 10);
    heap[9] = 1;
    CHECK_EQUAL(sys_brk(start + 20), start + 20);
    CHECK_EQUAL(heap[9], 1);
    CHECK_EQUAL(sys_brk(start), start);
}

/* `first` is where the heap began: it cannot end before that. */
static void bad_ends(uint32_t first, uint32_t start)
{
    static const uint32_t bad[] = {1,          0x08048000, 0xbffffff0,
                                   0xc0000000, 0xf5000000, 0xffffffff};
    uint32_t end = start + PAGE_BYTES;

    CHECK_EQUAL(sys_brk(end), end);
    for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_EQUAL(sys_brk(bad[i]), end);
    CHECK_EQUAL(sys_brk(first - 1), end);
    *(volatile uint8_t *)(end - 1) = 1;
    CHECK_EQUAL(sys_brk(start), start);
}

int main(int argc, char **argv)
{
    uint32_t first = sys_brk(0);
    uint32_t start = (first + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);

    (void)argv;
    CHECK_EQUAL(sys_brk(start), start);
    if (argc > 1) { /* the child: what lies behind the end is gone */
        sys_brk(start + 2 * PAGE_BYTES);
        *(volatile uint8_t *)(start + PAGE_BYTES) = 1;
        sys_brk(start + PAGE_BYTES);
        *(volatile uint8_t *)(start + PAGE_BYTES) = 1;
        return 99;
    }
    /* Page tables stay, and so do the program's own pages once touched. */
    grow_and_shrink(start);
    bad_ends(first, start);
    uint32_t frames = check_frames_at_rest();
    grow_and_shrink(start);
    bad_ends(first, start);
    CHECK_FRAMES(frames);
    CHECK_KILLED("a touch behind the end", program_run_self("--child", NULL),
                 ABI_SIGSEGV);
    return check_result();
}
