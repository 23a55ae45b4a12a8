/* SPDX-License-Identifier: MIT */
/*
 * mprotect: rights of parts of areas, data kept through PROT_NONE, errors, and
 * what it does before it meets a hole (Linux changes the part before it). The
 * pictures show a page each: w writable, r read only, - no rights, . a hole.
 */
#include "linux.h"

static unsigned long protect(void *address, uint32_t length, int prot)
{
    return CALL(SYS_mprotect, address, length, prot);
}

static void parts(void)
{
    char *arena = island(12, RW);
    fill(arena, 12, 700);
    report("head read only", protect(arena, 2 * PAGE, PROT_READ));
    tell("  %s", picture(arena, 12));
    report("tail no rights", protect(arena + 10 * PAGE, 2 * PAGE, PROT_NONE));
    tell("  %s", picture(arena, 12));
    report("middle read only", protect(arena + 5 * PAGE, 2 * PAGE, PROT_READ));
    tell("  %s", picture(arena, 12));
    report("over a border", protect(arena + PAGE, 5 * PAGE, PROT_NONE));
    tell("  %s", picture(arena, 12));
    report("read only and executable",
           protect(arena + 8 * PAGE, PAGE, PROT_READ | PROT_EXEC));
    tell("  %s", picture(arena, 12));
    report("all writable", protect(arena, 12 * PAGE, RW));
    tell("  %s", picture(arena, 12));
    check("the data is kept", holds(arena, 12, 700));
    report("one byte is a page", protect(arena + 3 * PAGE, 1, PROT_READ));
    tell("  %s", picture(arena, 12));
    report("write alone", protect(arena + 3 * PAGE, PAGE, PROT_WRITE));
    access_of("  it", arena + 3 * PAGE);
}

static void untouched(void)
{
    char *arena = island(6, PROT_NONE);
    report("memory never touched", protect(arena, 3 * PAGE, RW));
    check("  is zero", zeros(arena, 3));
    report("read first", protect(arena + 3 * PAGE, 3 * PAGE, PROT_READ));
    check("  is zero", zeros(arena + 3 * PAGE, 3));
    report("then write", protect(arena + 3 * PAGE, 3 * PAGE, RW));
    fill(arena, 6, 40);
    check("  and holds what is written", holds(arena, 6, 40));
    int kept = 1;
    for (int turn = 0; turn < 200; turn++) {
        protect(arena, 6 * PAGE, turn & 1 ? PROT_READ : PROT_NONE);
        kept &= probe_write(arena + (turn % 6) * PAGE, 0) == 2;
        protect(arena + (turn % 6) * PAGE, PAGE, RW);
        kept &= probe_write(word(arena, turn % 6), 40 + turn % 6) == 0;
        kept &= probe_write(word(arena, (turn + 1) % 6), 0) == 2;
    }
    protect(arena, 6 * PAGE, PROT_READ);
    check("200 turns: each write as the rights say", kept);
    check("  data kept", holds(arena, 6, 40));
}

static void refused(void)
{
    char *arena = island(6, RW);
    report("misaligned", protect(arena + 1, PAGE, PROT_READ));
    report("length 0", protect(arena, 0, PROT_NONE));
    report("length 0, misaligned", protect(arena + 4, 0, PROT_NONE));
    report("length 0, in a hole", protect(arena - PAGE, 0, PROT_NONE));
    /* From a hole: a 64-bit Linux sees no wrap, and would change the area. */
    char *hole = arena - PAGE;
    report("wraps", protect(hole, 0u - (uint32_t)hole + PAGE, PROT_NONE));
    report("length 0xffffffff", protect(hole, 0xffffffff, PROT_NONE));
    report("rights 0x80", protect(arena, PAGE, 0x80));
    report("grows down and up both",
           protect(arena, PAGE, PROT_GROWSDOWN | PROT_GROWSUP));
    report("grows down, but it does not",
           protect(arena, PAGE, PROT_READ | PROT_GROWSDOWN));
    report("the last page of addresses",
           protect((void *)0xfffff000, PAGE, PROT_READ));
    report("page 0", protect(NULL, PAGE, PROT_READ));
    tell("nothing was changed: %s", picture(arena, 6));
    report("a hole first", protect(arena - PAGE, 3 * PAGE, PROT_READ));
    tell("  %s", picture(arena, 6));
    munmap(arena + 3 * PAGE, PAGE);
    report("a hole in the middle", protect(arena, 6 * PAGE, PROT_READ));
    tell("  the part before is changed: %s", picture(arena, 6));
    report("a hole behind", protect(arena + 4 * PAGE, 3 * PAGE, PROT_NONE));
    tell("  %s", picture(arena, 6));
}

static int read_only_in_child(void *argument)
{
    char *arena = argument;
    protect(arena, 2 * PAGE, PROT_READ);
    if (probe_write(arena, 1) != 2)
        return 1;
    protect(arena, 2 * PAGE, RW);
    fill(arena, 2, 5);
    return holds(arena, 2, 5) ? 0 : 2;
}

static void shared_and_forked(void)
{
    char *arena = island(2, RW);
    fill(arena, 2, 100);
    child_does("a child changes rights of a copied page", read_only_in_child,
               arena);
    check("the parent's page is its own", holds(arena, 2, 100));
    tell("  %s", picture(arena, 2));
    char *shared =
        (char *)map(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    child_does("a child changes rights of a shared page", read_only_in_child,
               shared);
    check("the parent sees the data", holds(shared, 2, 5));
    tell("  rights are the child's own: %s", picture(shared, 2));
    report("shared, no rights", protect(shared, PAGE, PROT_NONE));
    report("  and back", protect(shared, PAGE, PROT_READ));
    check("  data is kept", holds(shared, 2, 5));
    tell("  %s", picture(shared, 2));
}

/* mov eax, 42; ret: written, then made executable. */
static void execution(void)
{
    static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};
    char *arena = island(1, RW);
    memcpy(arena, code, sizeof(code));
    report("read and execute", protect(arena, PAGE, PROT_READ | PROT_EXEC));
    int (*function)(void);
    memcpy(&function, &arena, sizeof(function));
    check("  it runs", function() == 42);
    tell("  write: %s", writing(arena));
    report("all rights", protect(arena, PAGE, RW | PROT_EXEC));
    arena[1] = 43;
    check("  changed code runs", function() == 43);
}

int main(void)
{
    probes_begin();
    parts();
    untouched();
    refused();
    shared_and_forked();
    execution();
    return finish();
}
