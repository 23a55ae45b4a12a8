/* SPDX-License-Identifier: MIT */
/*
 * Many areas: 10,000 splits by mprotect, by munmap and by fixed maps, and the
 * merges that put them together again, with data that must survive it all.
 * Every sixteenth page is touched, so that the test is about areas and needs
 * little memory.
 */
#include "linux.h"

#define PAGES 20000u
#define STEP  16u
#define NEW   (ANON | MAP_FIXED | MAP_NORESERVE) /* as the rest: it merges */

static char *arena;

static void touch(void)
{
    for (unsigned i = 0; i < PAGES; i += STEP)
        *word(arena, i) = i + 1;
}

static int kept(void)
{
    for (unsigned i = 0; i < PAGES; i += STEP)
        if (*word(arena, i) != i + 1)
            return 0;
    return 1;
}

/* Calls for every second page that had an error, from page `first` on. */
static unsigned protect_each(unsigned first, int prot)
{
    unsigned errors = 0;
    for (unsigned i = first; i < PAGES; i += 2)
        errors += mprotect(arena + i * PAGE, PAGE, prot) != 0;
    return errors;
}

static int some_are(unsigned first, int fault)
{
    for (unsigned i = first; i < PAGES; i += 2 * STEP * 5)
        if (probe_write(word(arena, i), i + 1) != fault)
            return 0;
    return 1;
}

int main(void)
{
    probes_begin();
    arena = island(PAGES, RW);
    touch();
    tell("10,000 splits by mprotect, errors: %u", protect_each(1, PROT_READ));
    check("odd pages are read only", some_are(1, 2));
    check("even pages are writable", some_are(0, 0));
    check("data is kept", kept());
    tell("merges from the other side, errors: %u", protect_each(0, PROT_READ));
    check("all are read only", some_are(0, 2) && some_are(1, 2));
    tell("splits again, errors: %u", protect_each(0, RW));
    report("one call for all", CALL(SYS_mprotect, arena, PAGES * PAGE, RW));
    check("all are writable", some_are(0, 0) && some_are(1, 0));
    check("data is kept", kept());
    unsigned errors = 0;
    for (unsigned i = 1; i < PAGES; i += 2)
        errors += munmap(arena + i * PAGE, PAGE) != 0;
    tell("10,000 holes by munmap, errors: %u", errors);
    check("odd pages are gone", some_are(1, 1));
    check("data is kept", kept());
    errors = 0;
    for (unsigned i = PAGES - 1; i < PAGES; i -= 2)
        errors += map(arena + i * PAGE, PAGE, RW, NEW, -1, 0) !=
                  (unsigned long)arena + i * PAGE;
    tell("filled again from the end, errors: %u", errors);
    check("data is kept", kept() && some_are(1, 0));
    unsigned long moved = CALL(SYS_mremap, arena, PAGES * PAGE,
                               (PAGES + 2) * PAGE, MREMAP_MAYMOVE);
    report("they are one area: mremap moves it", moved);
    if (!failed(moved))
        arena = (char *)moved;
    check("data is kept", kept());
    tell("splits once more, errors: %u", protect_each(1, PROT_NONE));
    report("one munmap for all", CALL(SYS_munmap, arena, (PAGES + 2) * PAGE));
    check("all are gone", some_are(0, 1) && some_are(1, 1));
    return finish();
}
