/* SPDX-License-Identifier: MIT */
/*
 * mincore, mlock, munlock, mlockall and msync. Of the locks only what they
 * validate is tested: memory that is not swapped is always locked.
 */
#include "linux.h"

/* The vector as text, 1 for a page that is there. */
static const char *core(char *memory, unsigned pages)
{
    static char text[65];
    unsigned char vector[64];
    unsigned long got = CALL(SYS_mincore, memory, pages * PAGE, vector);
    if (failed(got))
        return outcome(got);
    for (unsigned i = 0; i < pages; i++)
        text[i] = vector[i] & 1 ? '1' : '0';
    text[pages] = 0;
    return text;
}

static void in_core(void)
{
    char *arena = island(10, RW);
    tell("mincore, untouched: %s", core(arena, 10));
    *word(arena, 2) = 1;
    *word(arena, 7) = 1;
    tell("two touched: %s", core(arena, 10));
    madvise(arena, 5 * PAGE, MADV_DONTNEED);
    tell("one given back: %s", core(arena, 10));
    mprotect(arena + 6 * PAGE, 2 * PAGE, PROT_NONE);
    tell("no rights: %s", core(arena, 10));
    unsigned long got =
        map(arena, 4 * PAGE, RW, ANON | MAP_FIXED | MAP_POPULATE, -1, 0);
    report("populate four", got);
    tell("  %s", core(arena, 10));
    unsigned char vector[16];
    memset(vector, 0xee, sizeof(vector));
    report("a byte is a page", CALL(SYS_mincore, arena, 1, vector));
    check("  one byte written", vector[0] == 1 && vector[1] == 0xee);
    report("length 0", CALL(SYS_mincore, arena, 0, vector));
    report("length 0, bad vector", CALL(SYS_mincore, arena, 0, 8));
    report("misaligned", CALL(SYS_mincore, arena + 1, PAGE, vector));
    report("bad vector", CALL(SYS_mincore, arena, PAGE, 8));
    report("read-only vector",
           CALL(SYS_mincore, arena, PAGE, (void *)"constant"));
    report("a hole", CALL(SYS_mincore, arena - PAGE, PAGE, vector));
    report("a hole and a page",
           CALL(SYS_mincore, arena - PAGE, 2 * PAGE, vector));
    report("a page and a hole",
           CALL(SYS_mincore, arena + 9 * PAGE, 2 * PAGE, vector));
    report("a hole, bad vector", CALL(SYS_mincore, arena - PAGE, PAGE, 8));
    report("wraps", CALL(SYS_mincore, arena - PAGE,
                         0u - (uint32_t)arena + 3 * PAGE, vector));
    char *shared = (char *)map(
        NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    tell("shared, populated: %s", core(shared, 4));
}

static void locks(void)
{
    char *arena = island(4, RW);
    report("mlock", CALL(SYS_mlock, arena, 4 * PAGE));
    report("munlock", CALL(SYS_munlock, arena, 4 * PAGE));
    report("mlock, misaligned", CALL(SYS_mlock, arena + 10, PAGE));
    report("munlock, misaligned", CALL(SYS_munlock, arena + 10, PAGE));
    report("mlock, length 0", CALL(SYS_mlock, arena, 0));
    report("mlock, length 0 in a hole", CALL(SYS_mlock, arena - PAGE, 0));
    report("mlock, a hole first", CALL(SYS_mlock, arena - PAGE, 2 * PAGE));
    report("mlock, a hole behind", CALL(SYS_mlock, arena + 3 * PAGE, 2 * PAGE));
    report("munlock, a hole", CALL(SYS_munlock, arena - PAGE, 2 * PAGE));
    report("munlock, a hole behind",
           CALL(SYS_munlock, arena + 3 * PAGE, 2 * PAGE));
    munmap(arena + PAGE, PAGE);
    report("mlock, a hole in the middle", CALL(SYS_mlock, arena, 4 * PAGE));
    report("munlock, a hole in the middle", CALL(SYS_munlock, arena, 4 * PAGE));
    report("mlockall, current and future", CALL(SYS_mlockall, 3));
    report("munlockall", CALL(SYS_munlockall));
    report("mlockall, flags 0", CALL(SYS_mlockall, 0));
    report("mlockall, on fault alone", CALL(SYS_mlockall, 4));
    report("mlockall, flags 8", CALL(SYS_mlockall, 8));
    check("memory still works", probe_write(arena, 1) == 0);
}

static void synchronised(void)
{
    char *shared =
        (char *)map(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *arena = island(4, RW);
    fill(shared, 4, 70);
    report("msync ASYNC", CALL(SYS_msync, shared, 4 * PAGE, MS_ASYNC));
    report("msync SYNC", CALL(SYS_msync, shared, 4 * PAGE, MS_SYNC));
    report("msync INVALIDATE", CALL(SYS_msync, shared, PAGE, MS_INVALIDATE));
    report("msync flags 0", CALL(SYS_msync, shared, PAGE, 0));
    report("msync both", CALL(SYS_msync, shared, PAGE, MS_ASYNC | MS_SYNC));
    report("msync flags 8", CALL(SYS_msync, shared, PAGE, 8));
    report("msync, private memory", CALL(SYS_msync, arena, PAGE, MS_SYNC));
    report("msync, misaligned", CALL(SYS_msync, arena + 1, PAGE, MS_SYNC));
    report("msync, length 0", CALL(SYS_msync, arena, 0, MS_SYNC));
    report("msync, length 0 in a hole", CALL(SYS_msync, arena - PAGE, 0, 4));
    report("msync, a hole", CALL(SYS_msync, arena - PAGE, PAGE, MS_SYNC));
    report("msync, a hole first",
           CALL(SYS_msync, arena - PAGE, 3 * PAGE, MS_ASYNC));
    report("msync, a hole behind",
           CALL(SYS_msync, arena + 3 * PAGE, 2 * PAGE, MS_SYNC));
    report("msync, wraps", CALL(SYS_msync, arena - PAGE,
                                0u - (uint32_t)arena + 3 * PAGE, MS_SYNC));
    check("contents are kept", holds(shared, 4, 70));
}

int main(void)
{
    probes_begin();
    in_core();
    locks();
    synchronised();
    return finish();
}
