/* SPDX-License-Identifier: MIT */
/*
 * munmap: the head, the middle, the tail, over holes and over several areas;
 * what is refused; and that memory mapped again where memory was is zero. The
 * pictures show a page each: w writable, r read only, - no rights, . a hole.
 */
#include "linux.h"

static unsigned long unmap(void *address, uint32_t length)
{
    return CALL(SYS_munmap, address, length);
}

static void splits(void)
{
    char *arena = island(12, RW);
    fill(arena, 12, 500);
    report("head", unmap(arena, 2 * PAGE));
    tell("  %s", picture(arena, 12));
    report("tail", unmap(arena + 10 * PAGE, 2 * PAGE));
    tell("  %s", picture(arena, 12));
    report("middle", unmap(arena + 5 * PAGE, 2 * PAGE));
    tell("  %s", picture(arena, 12));
    check("the rest is kept",
          holds(arena + 2 * PAGE, 3, 502) && holds(arena + 7 * PAGE, 3, 507));
    report("over a hole", unmap(arena + 4 * PAGE, 4 * PAGE));
    tell("  %s", picture(arena, 12));
    report("nothing there", unmap(arena + 4 * PAGE, 4 * PAGE));
    report("one byte is a page", unmap(arena + 8 * PAGE, 1));
    tell("  %s", picture(arena, 12));
    report("a page and a byte is two", unmap(arena + 2 * PAGE, PAGE + 1));
    tell("  %s", picture(arena, 12));
    check("what is left is kept", holds(arena + 9 * PAGE, 1, 509));
    report("everything and the holes around", unmap(arena - PAGE, 14 * PAGE));
    tell("  %s", picture(arena, 12));
}

static void refused(void)
{
    char *arena = island(4, RW);
    report("misaligned", unmap(arena + 1, PAGE));
    report("misaligned by half a page", unmap(arena + 2048, PAGE));
    report("length 0", unmap(arena, 0));
    report("misaligned and length 0", unmap(arena + 4, 0));
    report("length 0xffffffff", unmap(arena, 0xffffffff));
    report("wraps", unmap(arena, 0u - (uint32_t)arena + PAGE));
    report("the last page of addresses", unmap((void *)0xfffff000, PAGE));
    report("wraps from the last page", unmap((void *)0xfffff000, 2 * PAGE));
    report("length rounds up to 0", unmap(NULL, 0xfffff001));
    tell("nothing was changed: %s", picture(arena, 4));
    report("page 0, where nothing is", unmap(NULL, PAGE));
}

static void mixed(void)
{
    char *arena = island(12, RW);
    map(arena + 2 * PAGE, 2 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
    map(arena + 5 * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
        0);
    mprotect(arena + 7 * PAGE, 2 * PAGE, PROT_NONE);
    tell("several areas: %s", picture(arena, 12));
    report("from within the first to within the last",
           unmap(arena + 3 * PAGE, 5 * PAGE));
    tell("  %s", picture(arena, 12));
    report("the rest", unmap(arena, 12 * PAGE));
    tell("  %s", picture(arena, 12));
}

static void again(void)
{
    char *arena = island(8, RW);
    int clean = 1;
    for (int turn = 0; turn < 100; turn++) {
        unsigned first = turn % 7, count = 1 + turn % (8 - first);
        memset(arena, 0xa5, 8 * PAGE);
        unmap(arena + first * PAGE, count * PAGE);
        map(arena + first * PAGE, count * PAGE, RW, ANON | MAP_FIXED, -1, 0);
        clean &= zeros(arena + first * PAGE, count);
        for (unsigned i = 0; i < 8; i++)
            if (i < first || i >= first + count)
                clean &= *word(arena, i) == 0xa5a5a5a5;
    }
    check("reads zero after munmap and mmap, others are kept", clean);
}

static int gone(void *argument)
{
    unmap(argument, PAGE);
    *(volatile int *)argument = 1;
    return 0;
}

static void in_a_child(void)
{
    char *arena = island(2, RW);
    fill(arena, 2, 9);
    signal(SIGSEGV, SIG_DFL);
    child_does("a child that unmaps and writes", gone, arena);
    probes_begin();
    check("the parent still has it", holds(arena, 2, 9));
    char *across = (char *)0x7fff0000; /* a GiB border, free in both */
    unsigned long got = map(across, 32 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    check("a map across a GiB", got == (unsigned long)across);
    fill(across, 32, 1);
    report("a hole across the border", unmap(across + 15 * PAGE, 2 * PAGE));
    tell("  %s", picture(across, 32));
    check("  the rest is kept",
          holds(across, 15, 1) && holds(across + 17 * PAGE, 15, 18));
    report("all of it", unmap(across, 32 * PAGE));
    tell("  %s", picture(across, 32));
}

int main(void)
{
    probes_begin();
    splits();
    refused();
    mixed();
    again();
    in_a_child();
    return finish();
}
