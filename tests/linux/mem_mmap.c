/* SPDX-License-Identifier: MIT */
/*
 * mmap2 and the old mmap (90) for anonymous memory: what is accepted, where it
 * goes, what fixed maps replace, what is refused and with which error. Old
 * mmap takes one argument, a structure, and its offset is in bytes.
 */
#include "linux.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define NOREPLACE (ANON | MAP_FIXED_NOREPLACE)

struct old_mmap {
    uint32_t address, length, prot, flags, file, offset;
};

static unsigned long old_map(struct old_mmap arguments)
{
    return CALL(SYS_mmap, &arguments);
}

static void drop(unsigned long address, size_t size)
{
    if (!failed(address))
        munmap((void *)address, size);
}

static void kinds(void)
{
    static const struct {
        const char *what;
        int prot, flags;
    } kinds[] = {
        {"private", RW, ANON},
        {"shared", RW, MAP_SHARED | MAP_ANONYMOUS},
        {"populate", RW, ANON | MAP_POPULATE},
        {"noreserve", RW, ANON | MAP_NORESERVE},
        {"stack", RW, ANON | MAP_STACK},
        {"nonblock", RW, ANON | MAP_NONBLOCK},
        {"denywrite and executable", RW, ANON | MAP_DENYWRITE | MAP_EXECUTABLE},
        {"shared populate", RW, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE},
        {"read only", PROT_READ, ANON},
        {"read only, populate", PROT_READ, ANON | MAP_POPULATE},
        {"no rights", PROT_NONE, ANON},
        {"no rights, populate", PROT_NONE, ANON | MAP_POPULATE},
        {"write only", PROT_WRITE, ANON},
        {"all rights", RW | PROT_EXEC, ANON},
        {"unknown flag", RW, ANON | 0x8000000},
    };
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        unsigned long got =
            map(NULL, 3 * PAGE, kinds[i].prot, kinds[i].flags, -1, 0);
        report(kinds[i].what, got);
        if (failed(got))
            continue;
        access_of("  first page", (void *)got);
        access_of("  last word", (void *)(got + 3 * PAGE - 4));
        drop(got, 3 * PAGE);
    }
}

static void refused(void)
{
    char *arena = memory(4, PROT_NONE);
    report("length 0", map(NULL, 0, RW, ANON, -1, 0));
    report("length 0, fixed", map(arena, 0, RW, ANON | MAP_FIXED, -1, 0));
    report("length 0xffffffff", map(NULL, 0xffffffff, RW, ANON, -1, 0));
    report("length 0xfffff001", map(NULL, 0xfffff001, RW, ANON, -1, 0));
    report("length 0xfffff000", map(NULL, 0xfffff000, PROT_NONE, ANON, -1, 0));
    report("neither shared nor private",
           map(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0));
    report("private and shared both", map(NULL, PAGE, RW, ANON | 1, 0x999, 0));
    report("type 4", map(NULL, PAGE, RW, MAP_ANONYMOUS | 4, -1, 0));
    report("no file", map(NULL, PAGE, RW, MAP_PRIVATE, -1, 0));
    report("file 12345", map(NULL, PAGE, RW, MAP_SHARED, 12345, 0));
    report("no file, length 0", map(NULL, 0, RW, MAP_PRIVATE, -1, 0));
    report("fixed, misaligned",
           map(arena + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    report("noreplace, misaligned", map(arena + 8, PAGE, RW, NOREPLACE, -1, 0));
    report("fixed, wraps",
           map((void *)0xfffff000, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0));
    report("fixed, at the end of addresses",
           map((void *)0xfffff000, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    report("fixed, too long from the middle",
           map((void *)0x10000000, 0xf0000000, RW, ANON | MAP_FIXED, -1, 0));
    report(
        "shared grows down",
        map(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0));
    report("rights 0x100", map(NULL, PAGE, 0x100, ANON, -1, 0));
    report("anonymous, offset ignored", map(NULL, PAGE, RW, ANON, -1, 77));
    report("anonymous, file number ignored",
           map(NULL, PAGE, RW, ANON, 12345, 0));
    tell("arena is as it was: %s", picture(arena, 4));
}

static void places(void)
{
    char *arena = memory(16, PROT_NONE);
    munmap(arena, 16 * PAGE);
    unsigned long got = map(arena + 4 * PAGE, 2 * PAGE, RW, ANON, -1, 0);
    check("a free hint is followed", got == (unsigned long)arena + 4 * PAGE);
    unsigned long other = map(arena + 5 * PAGE, 2 * PAGE, RW, ANON, -1, 0);
    check("a hint that overlaps is not",
          !failed(other) && other != (unsigned long)arena + 5 * PAGE);
    check("and what was there is not replaced",
          other + 2 * PAGE <= got || other >= got + 2 * PAGE);
    drop(other, 2 * PAGE);
    other = map(arena + 9 * PAGE + 5, 100, RW, ANON, -1, 0);
    check("a misaligned hint is rounded to a page",
          other == (unsigned long)arena + 9 * PAGE ||
              other == (unsigned long)arena + 10 * PAGE);
    drop(other, PAGE);
    other = map((void *)0xfffff000, PAGE, RW, ANON, -1, 0);
    check("a hint in the kernel's part goes elsewhere",
          !failed(other) && other < 0xfffff000);
    drop(other, PAGE);
    report("noreplace over it",
           map(arena + 3 * PAGE, 2 * PAGE, RW, NOREPLACE, -1, 0));
    report("noreplace over its end",
           map(arena + 5 * PAGE, 4 * PAGE, RW, NOREPLACE, -1, 0));
    report("noreplace around it",
           map(arena + 2 * PAGE, 8 * PAGE, RW, NOREPLACE, -1, 0));
    got = map(arena + 6 * PAGE, 2 * PAGE, RW, NOREPLACE, -1, 0);
    check("noreplace beside it", got == (unsigned long)arena + 6 * PAGE);
    got = map(arena + 2 * PAGE, 2 * PAGE, RW, NOREPLACE, -1, 0);
    check("noreplace before it", got == (unsigned long)arena + 2 * PAGE);
    tell("together: %s", picture(arena + 2 * PAGE, 6));
    munmap(arena, 16 * PAGE);
}

static void over(void)
{
    char *arena = island(12, RW);
    fill(arena, 12, 1000);
    unsigned long got =
        map(arena + 3 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    check("fixed in the middle", got == (unsigned long)arena + 3 * PAGE);
    check("pages before are kept", holds(arena, 3, 1000));
    check("pages behind are kept", holds(arena + 5 * PAGE, 7, 1005));
    check("the new ones are zero", zeros(arena + 3 * PAGE, 2));
    map(arena + 10 * PAGE, 2 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
    map(arena, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
    tell("ends replaced: %s", picture(arena, 12));
    check("ten is zero", zeros(arena + 10 * PAGE, 1));
    munmap(arena + 6 * PAGE, 2 * PAGE);
    map(arena + 5 * PAGE, 4 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
    tell("over a hole: %s", picture(arena, 12));
    got = map(arena, 12 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
              0);
    check("over all of them", got == (unsigned long)arena && zeros(arena, 12));
    report("refused: fixed over it with a bad file",
           map(arena, 12 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, 12345, 0));
    tell("and it is still there: %s", picture(arena, 12));
    munmap(arena, 12 * PAGE);
    map(arena, 12 * PAGE - 1, RW, ANON | MAP_FIXED, -1, 0);
    tell("a length is rounded up: %s", picture(arena, 12));
    munmap(arena, 12 * PAGE);
    for (int i = 0; i < 200; i++) {
        map(arena, 12 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
        if (!zeros(arena + (i % 12) * PAGE, 1))
            check("zero at each turn", 0);
        fill(arena, 12, i + 1);
        munmap(arena, 12 * PAGE);
    }
    tell("after 200 turns: %s", picture(arena, 12));
}

static void old(void)
{
    unsigned long got =
        old_map((struct old_mmap){0, 2 * PAGE, RW, ANON, -1u, 0});
    report("old mmap", got);
    access_of("  second page", (void *)(got + PAGE));
    unsigned long again = old_map((struct old_mmap){
        (uint32_t)got, PAGE, PROT_READ, ANON | MAP_FIXED, -1u, 0});
    check("old mmap, fixed", again == got);
    tell("  pages: %s", picture((char *)got, 2));
    report("old mmap, length 0",
           old_map((struct old_mmap){0, 0, RW, ANON, -1u, 0}));
    report("old mmap, offset not of a page",
           old_map((struct old_mmap){0, PAGE, RW, ANON, -1u, 100}));
    report("old mmap, no type",
           old_map((struct old_mmap){0, PAGE, RW, MAP_ANONYMOUS, -1u, 0}));
    report("old mmap, no file",
           old_map((struct old_mmap){0, PAGE, RW, MAP_PRIVATE, 12345, 0}));
    report("old mmap, bad structure", CALL(SYS_mmap, 8));
    char *edge = island(1, RW);
    report("old mmap, structure half there", CALL(SYS_mmap, edge + PAGE - 8));
    drop(got, 2 * PAGE);
}

static int child_writes(void *argument)
{
    uint32_t *words = argument;
    words[1] = words[0] + 1;
    words[PAGE / 4] = 77;
    return 5;
}

static void shared(void)
{
    unsigned long got =
        map(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint32_t *words = (uint32_t *)got;
    words[0] = 41;
    child_does("a child writes shared memory", child_writes, words);
    check("the parent sees it", words[1] == 42 && words[PAGE / 4] == 77);
    got = map(NULL, 2 * PAGE, RW, ANON, -1, 0);
    words = (uint32_t *)got;
    words[0] = 41;
    child_does("a child writes private memory", child_writes, words);
    check("the parent does not see it",
          words[0] == 41 && words[1] == 0 && words[PAGE / 4] == 0);
}

static void grows_down(void)
{
    char *arena = memory(1024, PROT_NONE);
    munmap(arena, 1024 * PAGE);
    char *top = arena + 1000 * PAGE;
    unsigned long got =
        map(top, 2 * PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    check("a map that grows down", got == (unsigned long)top);
    tell("  first page: %s", writing(top));
    tell("  page below: %s", writing(top - 4));
    tell("  next below: %s", writing(top - PAGE - 4));
    tell("  twenty pages below: %s", writing(top - 20 * PAGE));
    check("  all between are zero", zeros(top - 19 * PAGE, 17));
    report("  unmap it", CALL(SYS_munmap, top - 20 * PAGE, 22 * PAGE));
    tell("  then: %s", reading(top));
}

int main(void)
{
    probes_begin();
    kinds();
    refused();
    places();
    over();
    old();
    shared();
    grows_down();
    return finish();
}
