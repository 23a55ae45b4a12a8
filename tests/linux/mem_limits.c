/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_AS bounds the addresses in use: mmap, mremap, brk and malloc fail with
 * ENOMEM, what is there goes on working, and unmapping makes room again.
 * Memory without rights counts too. Each piece runs in a child.
 */
#include "linux.h"

#define MIB (1024u * 1024u)

static void limit(uint32_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = bytes;
    report("limit", (unsigned long)setrlimit(RLIMIT_AS, &limit));
}

static int maps(void *argument)
{
    (void)argument;
    limit(64 * MIB);
    report("80 MiB", map(NULL, 80 * MIB, RW, ANON, -1, 0));
    /* At a place with room behind it in any kernel. */
    unsigned long first =
        map((void *)0x20000000, 36 * MIB, RW, ANON | MAP_FIXED, -1, 0);
    report("36 MiB", first);
    report("36 MiB more", map(NULL, 36 * MIB, RW, ANON, -1, 0));
    report("36 MiB more without rights",
           map(NULL, 36 * MIB, PROT_NONE, ANON, -1, 0));
    report("36 MiB more, noreserve",
           map(NULL, 36 * MIB, PROT_NONE, ANON | MAP_NORESERVE, -1, 0));
    report("36 MiB more, shared",
           map(NULL, 36 * MIB, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    report("the same 36 MiB again, fixed",
           map((void *)first, 36 * MIB, RW, ANON | MAP_FIXED, -1, 0));
    access_of("  it", (void *)first);
    report("grow it to 80 MiB",
           CALL(SYS_mremap, first, 36 * MIB, 80 * MIB, MREMAP_MAYMOVE));
    report("grow it to 40 MiB", CALL(SYS_mremap, first, 36 * MIB, 40 * MIB, 0));
    unsigned long small = map(NULL, 8 * MIB, RW, ANON, -1, 0);
    report("8 MiB", small);
    check("malloc of 40 MiB fails", malloc(40 * MIB) == NULL);
    report("unmap the first", CALL(SYS_munmap, first, 40 * MIB));
    report("36 MiB more", map(NULL, 36 * MIB, RW, ANON, -1, 0));
    report("36 MiB more", map(NULL, 36 * MIB, RW, ANON, -1, 0));
    limit(200 * MIB);
    report("36 MiB more", map(NULL, 36 * MIB, RW, ANON, -1, 0));
    return checks_made;
}

static int heap(void *argument)
{
    (void)argument;
    limit(64 * MIB);
    uint32_t end = (uint32_t)CALL(SYS_brk, 0);
    check("brk by 80 MiB fails",
          CALL(SYS_brk, end + 80 * MIB) == (unsigned long)end);
    check("brk by 20 MiB succeeds",
          CALL(SYS_brk, end + 20 * MIB) == (unsigned long)end + 20 * MIB);
    check("brk by 50 MiB more fails",
          CALL(SYS_brk, end + 70 * MIB) == (unsigned long)end + 20 * MIB);
    tell("  what is there: %s", writing((char *)end + 20 * MIB - 16));
    return checks_made;
}

static int exits(void *argument)
{
    return *word(argument, 1) == 12 ? 6 : 7;
}

static int below_use(void *argument)
{
    (void)argument;
    char *arena = island(8, RW);
    fill(arena, 8, 10);
    limit(PAGE);
    report("a page", map(NULL, PAGE, RW, ANON, -1, 0));
    check("what is there is kept", holds(arena, 8, 10));
    report("mprotect of a part",
           CALL(SYS_mprotect, arena + 2 * PAGE, PAGE, PROT_READ));
    report("fixed over what is there",
           map(arena + 4 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    report("unmap a page", CALL(SYS_munmap, arena + 6 * PAGE, PAGE));
    report("and back",
           map(arena + 6 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    tell("  %s", picture(arena, 8));
    report("shrink", CALL(SYS_mremap, arena, 2 * PAGE, PAGE, 0));
    child_does("fork", exits, arena + PAGE);
    return checks_made;
}

int main(void)
{
    static int (*const pieces[])(void *) = {maps, heap, below_use};
    probes_begin();
    int all = 0;
    for (unsigned i = 0; i < 3; i++) {
        int status = in_child(pieces[i], NULL);
        if (!WIFEXITED(status))
            tell("a piece died: %s", status_name(status));
        else
            all += WEXITSTATUS(status);
    }
    checks_made += all;
    return finish();
}
