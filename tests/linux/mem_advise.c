/* SPDX-License-Identifier: MIT */
/*
 * madvise: DONTNEED empties private memory and leaves shared memory alone,
 * DONTFORK keeps an area from children, DOFORK gives it back; other advice is
 * accepted; holes are ENOMEM after the work was done, the rest is EINVAL.
 */
#include "linux.h"

static unsigned long advise(void *address, uint32_t length, int advice)
{
    return CALL(SYS_madvise, address, length, advice);
}

static int child_advises(void *argument)
{
    advise(argument, 2 * PAGE, MADV_DONTNEED);
    return zeros(argument, 2) ? 0 : 1;
}

static void not_needed(void)
{
    char *arena = island(8, RW);
    fill(arena, 8, 100);
    report("DONTNEED, two pages", advise(arena + 2 * PAGE, 2 * PAGE, 4));
    check("  they are zero", zeros(arena + 2 * PAGE, 2));
    check("  others are kept",
          holds(arena, 2, 100) && holds(arena + 4 * PAGE, 4, 104));
    fill(arena, 8, 200);
    check("  they can be written again", holds(arena, 8, 200));
    report("a length is rounded up", advise(arena, 1, MADV_DONTNEED));
    check("  a page is zero, the next is not",
          zeros(arena, 1) && holds(arena + PAGE, 7, 201));
    mprotect(arena + 5 * PAGE, PAGE, PROT_READ);
    mprotect(arena + 6 * PAGE, PAGE, PROT_NONE);
    report("pages of other rights", advise(arena, 8 * PAGE, MADV_DONTNEED));
    tell("  %s", picture(arena, 8));
    mprotect(arena, 8 * PAGE, RW);
    check("  all are zero", zeros(arena, 8));
    report("again", advise(arena, 8 * PAGE, MADV_DONTNEED));
    fill(arena, 8, 300);
    child_does("in a child", child_advises, arena);
    check("  the parent's are kept", holds(arena, 8, 300));
    char *shared =
        (char *)map(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fill(shared, 4, 400);
    report("shared", advise(shared, 4 * PAGE, MADV_DONTNEED));
    check("  is kept", holds(shared, 4, 400));
}

static int touches(void *argument)
{
    signal(SIGSEGV, SIG_DFL);
    return *(volatile int *)argument == 501 ? 0 : 1;
}

static int pictures(void *argument)
{
    return strcmp(picture(argument, 4), "w..w") ? 1 : 0;
}

static int grandchild(void *argument)
{
    return in_child(touches, argument) == 0 ? 0 : 9;
}

static void forks(void)
{
    char *arena = island(4, RW);
    fill(arena, 4, 500);
    report("DONTFORK", advise(arena + PAGE, 2 * PAGE, MADV_DONTFORK));
    child_does("  a child that reads it", touches, arena + PAGE);
    child_does("  what a child has (w..w)", pictures, arena);
    check("  the parent keeps it", holds(arena, 4, 500));
    report("DOFORK", advise(arena + PAGE, 2 * PAGE, MADV_DOFORK));
    child_does("  a child that reads it", touches, arena + PAGE);
    child_does("  a grandchild", grandchild, arena + PAGE);
}

static void others(void)
{
    char *arena = island(4, RW);
    fill(arena, 4, 600);
    report("NORMAL", advise(arena, 4 * PAGE, MADV_NORMAL));
    report("RANDOM", advise(arena, 4 * PAGE, MADV_RANDOM));
    report("SEQUENTIAL", advise(arena, 4 * PAGE, MADV_SEQUENTIAL));
    report("WILLNEED", advise(arena, 4 * PAGE, MADV_WILLNEED));
    check("  all is kept", holds(arena, 4, 600));
    report("length 0", advise(arena, 0, MADV_DONTNEED));
    report("length 0 in a hole", advise(arena - PAGE, 0, MADV_DONTNEED));
    report("advice 5", advise(arena, PAGE, 5));
    report("advice 999", advise(arena, PAGE, 999));
    report("advice -1", advise(arena, PAGE, -1));
    report("advice 999 in a hole", advise(arena - PAGE, PAGE, 999));
    report("advice 999, misaligned, length 0", advise(arena + 1, 0, 999));
    report("misaligned", advise(arena + 1, PAGE, MADV_DONTNEED));
    check("  all is kept", holds(arena, 4, 600));
}

static void holes(void)
{
    char *arena = island(6, RW);
    fill(arena, 6, 700);
    munmap(arena + 3 * PAGE, PAGE);
    report("over a hole", advise(arena + PAGE, 4 * PAGE, MADV_DONTNEED));
    check("  the page before is kept", holds(arena, 1, 700));
    check("  both sides are done",
          zeros(arena + PAGE, 2) && zeros(arena + 4 * PAGE, 1));
    check("  the page behind is kept", holds(arena + 5 * PAGE, 1, 705));
    report("only a hole", advise(arena + 3 * PAGE, PAGE, MADV_DONTNEED));
    report("from a hole", advise(arena + 3 * PAGE, 2 * PAGE, MADV_NORMAL));
    report("into a hole", advise(arena + 5 * PAGE, 2 * PAGE, MADV_DONTNEED));
    check("  what is there is done", zeros(arena + 5 * PAGE, 1));
}

int main(void)
{
    probes_begin();
    not_needed();
    forks();
    others();
    holes();
    return finish();
}
