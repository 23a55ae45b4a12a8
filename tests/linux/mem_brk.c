/* SPDX-License-Identifier: MIT */
/*
 * brk: the end of the heap moves up and down by bytes; new memory is zero, also
 * where memory was before; what cannot be done returns the old end and changes
 * nothing. Linux keeps a page free between the heap and the map above it.
 */
#include "linux.h"

static uint32_t end; /* where the tests begin: page aligned, above malloc's */

static unsigned long brk_to(uint32_t address)
{
    return CALL(SYS_brk, address);
}

/* Asks for `end + offset`; says whether the break is there. */
static void ask(const char *what, uint32_t offset)
{
    uint32_t before = (uint32_t)brk_to(0);
    uint32_t now = (uint32_t)brk_to(end + offset);
    tell("%s: %s", what,
         now == end + offset ? "done"
         : now == before     ? "unchanged"
                             : "elsewhere");
}

static void grow_and_shrink(void)
{
    char *heap = (char *)end;
    ask("ten pages", 10 * PAGE);
    tell("  %s", picture(heap, 10));
    check("  are zero", zeros(heap, 10));
    fill(heap, 10, 100);
    ask("again", 10 * PAGE);
    ask("down to four", 4 * PAGE);
    tell("  %s", picture(heap, 10));
    check("  contents kept", holds(heap, 4, 100));
    ask("up to ten", 10 * PAGE);
    check("  contents kept, the rest zero",
          holds(heap, 4, 100) && zeros(heap + 4 * PAGE, 6));
    ask("a byte more", 10 * PAGE + 1);
    tell("  page: %s", writing(heap + 11 * PAGE - 4));
    tell("  next: %s", writing(heap + 11 * PAGE));
    ask("to the page's end", 11 * PAGE);
    ask("a word less", 11 * PAGE - 4);
    *word(heap, 10) = 5;
    ask("to the page's first byte", 10 * PAGE + 1);
    check("  the page is kept", *word(heap, 10) == 5);
    ask("to its border", 10 * PAGE);
    tell("  %s", picture(heap, 11));
    ask("back", 0);
    tell("  %s", picture(heap, 11));
    int clean = 1;
    for (unsigned turn = 1; turn < 100; turn++) {
        brk_to(end + turn % 20 * PAGE);
        clean &= zeros(heap, turn % 20);
        memset(heap, 0xff, turn % 20 * PAGE);
        brk_to(end);
    }
    check("a hundred times up and down, always zero", clean);
}

static void refused(void)
{
    ask("end of addresses", 0xfffff000 - end);
    ask("kernel's part", 0xf8000000 - end);
    ask("far below", 0x1000 - end);
    ask("address 1", 1 - end);
    char *heap = (char *)end;
    report("a map above the heap",
           map(heap + 20 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    *word(heap, 20) = 7;
    ask("over it", 30 * PAGE);
    ask("into it", 20 * PAGE + 1);
    ask("up to it", 20 * PAGE);
    ask("a page before it", 19 * PAGE);
    tell("  %s", picture(heap, 21));
    check("  the map is kept", *word(heap, 20) == 7);
    munmap(heap + 20 * PAGE, PAGE);
    ask("over where it was", 30 * PAGE);
    ask("back", 0);
}

static int child_moves(void *argument)
{
    char *heap = argument;
    if (brk_to(0) != end + 3 * PAGE || !holds(heap, 3, 60))
        return 1;
    brk_to(end + 6 * PAGE);
    if (!zeros(heap + 3 * PAGE, 3))
        return 2;
    fill(heap, 6, 900);
    brk_to(end + PAGE);
    return holds(heap, 1, 900) ? 0 : 3;
}

static void others(void)
{
    char *heap = (char *)end;
    ask("three pages", 3 * PAGE);
    fill(heap, 3, 60);
    child_does("a child moves its own break", child_moves, heap);
    check("  the parent's is where it was", brk_to(0) == end + 3 * PAGE);
    check("  with its contents", holds(heap, 3, 60));
    report("mprotect a page of it",
           CALL(SYS_mprotect, heap + PAGE, PAGE, PROT_READ));
    tell("  %s", picture(heap, 4));
    ask("five pages", 5 * PAGE);
    tell("  %s", picture(heap, 5));
    report("munmap a page of it", CALL(SYS_munmap, heap + 2 * PAGE, PAGE));
    tell("  %s", picture(heap, 5));
    ask("six pages", 6 * PAGE);
    tell("  %s", picture(heap, 6));
    ask("down over the hole", PAGE);
    tell("  %s", picture(heap, 6));
    ask("six pages", 6 * PAGE);
    tell("  %s", picture(heap, 6));
    check("  zero but the first", holds(heap, 1, 60) && zeros(heap + PAGE, 5));
    ask("back", 0);
    char *text = malloc(3000);
    memset(text, 1, 3000);
    check("malloc goes on", text[2999] == 1);
    free(text);
}

int main(void)
{
    probes_begin();
    check("there is a break", brk_to(0) != 0);
    end = ((uint32_t)brk_to(0) + 4 * PAGE) & ~(PAGE - 1);
    ask("above malloc's part", 0);
    grow_and_shrink();
    refused();
    others();
    return finish();
}
