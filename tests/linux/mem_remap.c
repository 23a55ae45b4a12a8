/* SPDX-License-Identifier: MIT */
/*
 * mremap: grow in place, move, move to a given place, shrink, double a shared
 * map (old size 0), and what is refused. Contents and rights go along, what is
 * new is zero, what was left is a hole.
 */
#include "linux.h"

static unsigned long remap(void *old, uint32_t size, uint32_t new_size,
                           int flags, void *place)
{
    return CALL(SYS_mremap, old, size, new_size, flags, place);
}

#define MOVE  MREMAP_MAYMOVE
#define PLACE (MREMAP_MAYMOVE | MREMAP_FIXED)

static void in_place(void)
{
    char *arena = island(12, RW);
    fill(arena, 12, 300);
    report("shrink", remap(arena, 12 * PAGE, 4 * PAGE, 0, NULL));
    tell("  %s", picture(arena, 12));
    report("the same size", remap(arena, 4 * PAGE, 4 * PAGE, 0, NULL));
    check("grow in place returns the address",
          remap(arena, 4 * PAGE, 8 * PAGE, 0, NULL) == (unsigned long)arena);
    tell("  %s", picture(arena, 12));
    check("  contents kept, the rest zero",
          holds(arena, 4, 300) && zeros(arena + 4 * PAGE, 4));
    map(arena + 10 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
    report("up to the neighbour", remap(arena, 8 * PAGE, 10 * PAGE, 0, NULL));
    report("into the neighbour", remap(arena, 10 * PAGE, 11 * PAGE, 0, NULL));
    tell("  %s", picture(arena, 12));
    report("the middle cannot grow", remap(arena, 2 * PAGE, 3 * PAGE, 0, NULL));
    report("sizes are rounded up",
           remap(arena, 9 * PAGE + 1, 7 * PAGE + 1, 0, NULL));
    tell("  %s", picture(arena, 12));
    report("shrink in the middle",
           remap(arena + 2 * PAGE, 3 * PAGE, PAGE, 0, NULL));
    tell("  %s", picture(arena, 12));
    check("  contents kept", holds(arena, 3, 300));
}

static void moves(void)
{
    char *arena = island(8, RW);
    fill(arena, 8, 900);
    mprotect(arena + 6 * PAGE, 2 * PAGE, PROT_READ);
    unsigned long got = remap(arena + 2 * PAGE, 2 * PAGE, 5 * PAGE, MOVE, NULL);
    report("the middle, moved to grow", got);
    char *moved = (char *)got;
    check("  it did move", moved != arena + 2 * PAGE);
    tell("  the old place: %s", picture(arena, 8));
    tell("  the new one: %s", picture(moved, 5));
    check("  contents kept, the rest zero",
          holds(moved, 2, 902) && zeros(moved + 2 * PAGE, 3));
    got = remap(arena + 6 * PAGE, 2 * PAGE, 40 * PAGE, MOVE, NULL);
    report("read-only pages", got);
    tell("  %s", picture((char *)got, 40));
    check("  contents kept", holds((char *)got, 2, 906));
    check("grow with MAYMOVE where there is room stays",
          remap(moved, 5 * PAGE, 3 * PAGE, MOVE, NULL) == (unsigned long)moved);
    char *empty = island(2, RW);
    got = remap(empty, 2 * PAGE, 2000 * PAGE, MOVE, NULL);
    report("memory never touched", got);
    check("  is zero",
          zeros((char *)got, 2) && zeros((char *)got + 1998 * PAGE, 2));
    munmap((void *)got, 2000 * PAGE);
    char *big = island(300, RW);
    fill(big, 300, 1);
    int kept = 1;
    uint32_t pages = 300;
    for (int turn = 0; turn < 20; turn++, pages += 100) {
        got = remap(big, pages * PAGE, (pages + 100) * PAGE, MOVE, NULL);
        kept &= !failed(got);
        if (failed(got))
            break;
        big = (char *)got;
        kept &= holds(big, pages, 1) && zeros(big + pages * PAGE, 1);
        fill(big, pages + 100, 1);
    }
    check("grown twenty times, contents kept", kept);
    munmap(big, pages * PAGE);
}

static void placed(void)
{
    char *arena = island(16, RW);
    fill(arena, 16, 50);
    unsigned long got =
        remap(arena + 2 * PAGE, 2 * PAGE, 2 * PAGE, PLACE, arena + 9 * PAGE);
    check("to a place, over what is there",
          got == (unsigned long)arena + 9 * PAGE);
    tell("  %s", picture(arena, 16));
    check("  contents", holds(arena + 9 * PAGE, 2, 52) &&
                            holds(arena + 8 * PAGE, 1, 58) &&
                            holds(arena + 11 * PAGE, 5, 61));
    got = remap(arena + 9 * PAGE, 2 * PAGE, 4 * PAGE, PLACE, arena + PAGE);
    check("to a place and larger", got == (unsigned long)arena + PAGE);
    tell("  %s", picture(arena, 16));
    check("  contents",
          holds(arena + PAGE, 2, 52) && zeros(arena + 3 * PAGE, 2));
    got = remap(arena + 12 * PAGE, 4 * PAGE, PAGE, PLACE, arena + 6 * PAGE);
    check("to a place and smaller", got == (unsigned long)arena + 6 * PAGE);
    tell("  %s", picture(arena, 16));
    check("  contents", holds(arena + 6 * PAGE, 1, 62));
    report("to where it overlaps itself",
           remap(arena + PAGE, 4 * PAGE, 4 * PAGE, PLACE, arena + 2 * PAGE));
    report("to where it is",
           remap(arena + PAGE, 4 * PAGE, 4 * PAGE, PLACE, arena + PAGE));
    report("fixed without maymove",
           remap(arena + PAGE, PAGE, PAGE, MREMAP_FIXED, arena + 12 * PAGE));
    report("to a misaligned place",
           remap(arena + PAGE, PAGE, PAGE, PLACE, arena + 12 * PAGE + 4));
    report("to the kernel's part",
           remap(arena + PAGE, PAGE, PAGE, PLACE, (void *)0xfffff000));
    tell("  %s", picture(arena, 16));
    char *border = (char *)0x7fffe000; /* a GiB border */
    got = remap(arena + PAGE, 4 * PAGE, 4 * PAGE, PLACE, border);
    check("to both sides of a GiB", got == (unsigned long)border);
    check("  contents", holds(border, 2, 52) && zeros(border + 2 * PAGE, 2));
    fill(border, 4, 10);
    got = remap(border, 4 * PAGE, 4 * PAGE, PLACE, arena + 2 * PAGE);
    check("  and back", got == (unsigned long)arena + 2 * PAGE &&
                            holds(arena + 2 * PAGE, 4, 10));
    tell("  %s %s", picture(border, 4), reading(arena + PAGE));
}

static int child_writes(void *argument)
{
    *word(argument, 0) = 4711;
    return 0;
}

static void shared(void)
{
    char *one =
        (char *)map(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fill(one, 4, 60);
    unsigned long got = remap(one, 0, 4 * PAGE, MOVE, NULL);
    report("old size 0 of a shared map", got);
    char *two = (char *)got;
    check("  is a second view", two != one && holds(two, 4, 60));
    *word(one, 2) = 99;
    check("  of the same memory", *word(two, 2) == 99);
    got = remap(one + PAGE, 0, 2 * PAGE, MOVE, NULL);
    check("old size 0 from the second page",
          !failed(got) && *word((char *)got, 1) == 99);
    munmap(one, 4 * PAGE);
    check("a view outlives the first", *word(two, 0) == 60);
    child_does("a child writes", child_writes, two);
    check("  the parent sees it", *word(two, 0) == 4711);
    got = remap(two, 4 * PAGE, 4 * PAGE, PLACE, one);
    check("a shared map, placed", got == (unsigned long)one);
    child_does("a child writes", child_writes, one + PAGE);
    check("  the parent sees it", *word(one, 1) == 4711);
    char *private = island(2, RW);
    report("old size 0 of a private map", remap(private, 0, PAGE, MOVE, NULL));
    report("old size 0 in a hole", remap(private - PAGE, 0, PAGE, MOVE, NULL));
    report("old size 0 without maymove", remap(one, 0, PAGE, 0, NULL));
}

static void refused(void)
{
    char *arena = island(8, RW);
    report("misaligned", remap(arena + 1, PAGE, 2 * PAGE, MOVE, NULL));
    report("new size 0", remap(arena, PAGE, 0, MOVE, NULL));
    report("flag 8", remap(arena, PAGE, PAGE, 8, NULL));
    report("flag 0x100", remap(arena, PAGE, PAGE, 0x101, NULL));
    report("a hole", remap(arena - PAGE, PAGE, 2 * PAGE, MOVE, NULL));
    report("grow from before it",
           remap(arena - PAGE, 2 * PAGE, 4 * PAGE, MOVE, NULL));
    report("grow past its end",
           remap(arena + 6 * PAGE, 4 * PAGE, 6 * PAGE, MOVE, NULL));
    mprotect(arena + 4 * PAGE, PAGE, PROT_READ);
    report("grow two areas", remap(arena, 8 * PAGE, 9 * PAGE, MOVE, NULL));
    report("a huge size", remap(arena, PAGE, 0xfff00000, MOVE, NULL));
    report("a huge size in place",
           remap(arena + 7 * PAGE, PAGE, 0xfff00000, 0, NULL));
    tell("nothing was changed: %s", picture(arena, 8));
    report("shrink over two areas", remap(arena, 8 * PAGE, 2 * PAGE, 0, NULL));
    tell("  %s", picture(arena, 8));
}

static int forked_child(void *argument)
{
    char *arena = argument;
    unsigned long got = remap(arena, 2 * PAGE, 6 * PAGE, MOVE, NULL);
    if (failed(got) || !holds((char *)got, 2, 20))
        return 1;
    fill((char *)got, 6, 90);
    return holds((char *)got, 6, 90) ? 0 : 2;
}

static void copied(void)
{
    char *arena = island(4, RW);
    fill(arena, 4, 20);
    child_does("a child moves pages it shares by copy-on-write", forked_child,
               arena);
    check("the parent's are as they were", holds(arena, 4, 20));
}

int main(void)
{
    probes_begin();
    in_place();
    moves();
    placed();
    shared();
    refused();
    copied();
    return finish();
}
