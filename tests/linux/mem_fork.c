/* SPDX-License-Identifier: MIT */
/*
 * Copy-on-write: after a fork parent and child have the same contents, and
 * what one writes the other never sees, whoever writes first and wherever it
 * is: heap, bss, data, stack, maps, thread-local memory; also when the kernel
 * does the writing, as read() and others do; and for children of children.
 */
#include "linux.h"
#include <sched.h>
#include <sys/utsname.h>

#define PAGES 16

static uint32_t in_bss[4 * PAGE];
static uint32_t in_data[2 * PAGE] = {1, 2, 3};
static __thread uint32_t in_tls[8];

/* Shared by parent and children: whose turn it is. */
static volatile uint32_t *turn;

/* Gives up some time after the other one must have died. */
static void wait_for(uint32_t value)
{
    for (int i = 0; *turn != value && i < 3000000; i++)
        sched_yield();
}

static void reap(const char *what, pid_t child)
{
    int status = -1;
    check("a child is reaped", waitpid(child, &status, 0) == child);
    tell("%s: %s", what, status_name(status));
}

struct places {
    uint32_t *place[6];
};

static int all_are(struct places *places, uint32_t value)
{
    for (unsigned i = 0; i < 6; i++)
        if (*places->place[i] != value + i)
            return 0;
    return 1;
}

static void write_all(struct places *places, uint32_t value)
{
    for (unsigned i = 0; i < 6; i++)
        *places->place[i] = value + i;
}

static int writes_first(struct places *places)
{
    if (!all_are(places, 100))
        return 1;
    write_all(places, 200);
    *turn = 1;
    wait_for(2); /* the parent has looked, and written */
    return all_are(places, 200) ? 0 : 2;
}

static int writes_last(struct places *places)
{
    wait_for(1); /* the parent has written */
    if (!all_are(places, 100))
        return 1;
    write_all(places, 400);
    *turn = 2;
    wait_for(3);
    return all_are(places, 400) ? 0 : 2;
}

static void everywhere(void)
{
    volatile uint32_t in_stack[64];
    char *arena = island(1, RW);
    struct places places = {{malloc(40), &in_bss[5000], &in_data[1],
                             (uint32_t *)&in_stack[3], word(arena, 0),
                             &in_tls[2]}};
    write_all(&places, 100);
    *turn = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(writes_first(&places));
    wait_for(1);
    check("the child wrote first, the parent keeps", all_are(&places, 100));
    write_all(&places, 300);
    *turn = 2;
    reap("and the child", child);
    check("the parent has its own", all_are(&places, 300));
    write_all(&places, 100);
    *turn = 0;
    child = fork();
    if (child == 0)
        _exit(writes_last(&places));
    write_all(&places, 300);
    *turn = 1;
    wait_for(2);
    check("the parent wrote first, and keeps", all_are(&places, 300));
    *turn = 3;
    reap("and the child", child);
    free(places.place[0]);
}

/* Six generations, each of which adds one to every page and looks again. */
static int generation(char *arena, uint32_t depth)
{
    if (!holds(arena, PAGES, depth * 100))
        return 1;
    if (depth == 6)
        return 0;
    fill(arena, PAGES, (depth + 1) * 100);
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(generation(arena, depth + 1));
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return status ? 2 : 3;
    return holds(arena, PAGES, (depth + 1) * 100) ? 0 : 4;
}

static void generations(void)
{
    char *arena = island(PAGES, RW);
    fill(arena, PAGES, 0);
    pid_t child = fork();
    if (child == 0)
        _exit(generation(arena, 0));
    reap("six generations", child);
    check("the first is as it was", holds(arena, PAGES, 0));
}

/* Twelve children alive at once, each with a pattern of its own. */
static void siblings(void)
{
    char *arena = island(PAGES, RW);
    pid_t children[12];
    fill(arena, PAGES, 7);
    *turn = 0;
    for (uint32_t i = 0; i < 12; i++) {
        children[i] = fork();
        if (children[i])
            continue;
        int good = holds(arena, PAGES, 7);
        fill(arena, PAGES, 5000 * (i + 1));
        wait_for(1);
        _exit(good && holds(arena, PAGES, 5000 * (i + 1)) ? 0 : 1);
    }
    check("twelve children: the parent's pages", holds(arena, PAGES, 7));
    *turn = 1;
    int good = 0;
    for (uint32_t i = 0; i < 12; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        good += status == 0;
    }
    tell("children whose pages were their own: %d", good);
}

static int kernel_writes(char *arena)
{
    int file = open("/proc/self/exe", O_RDONLY);
    struct rlimit *limit = (struct rlimit *)(void *)(arena + 2 * PAGE);
    struct utsname *name = (struct utsname *)(void *)(arena + 3 * PAGE);
    int *status = (int *)(void *)(arena + 4 * PAGE);
    if (file < 0 || read(file, arena, 2 * PAGE) != 2 * PAGE)
        return 1;
    if (memcmp(arena, "\177ELF", 4))
        return 2;
    if (getrlimit(RLIMIT_STACK, limit) || uname(name) || !name->sysname[0])
        return 3;
    pid_t child = fork();
    if (child == 0)
        _exit(55);
    if (waitpid(child, status, 0) != child || WEXITSTATUS(*status) != 55)
        return 4;
    close(file);
    return 0;
}

static void by_the_kernel(void)
{
    char *arena = island(6, RW);
    fill(arena, 6, 0xff00);
    pid_t child = fork();
    if (child == 0)
        _exit(kernel_writes(arena));
    reap("a child into whose pages the kernel writes", child);
    check("the parent's are as they were", holds(arena, 6, 0xff00));
    *turn = 0;
    child = fork();
    if (child == 0) {
        wait_for(1);
        _exit(holds(arena, 6, 0xff00) ? 0 : 1);
    }
    tell("the kernel writes the parent's: %d", kernel_writes(arena));
    *turn = 1;
    reap("the child's are as they were", child);
}

static int rights(char *arena, char *shared)
{
    if (strcmp(picture(arena, 4), "wr-w"))
        return 1;
    mprotect(arena, 4 * PAGE, RW);
    if (!holds(arena, 3, 30) || !zeros(arena + 3 * PAGE, 1))
        return 2;
    fill(arena, 4, 80);
    madvise(arena + PAGE, PAGE, MADV_DONTNEED);
    munmap(arena + 2 * PAGE, PAGE);
    *word(shared, 0) += 1;
    *word(shared, 1) = 12; /* not touched before the fork */
    return strcmp(picture(arena, 4), "ww.w") ? 3 : 0;
}

static void with_rights(void)
{
    char *arena = island(4, RW);
    char *shared =
        (char *)map(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fill(arena, 3, 30);
    check("a page is read before it is written", *word(arena, 3) == 0);
    *word(shared, 0) = 1;
    mprotect(arena + PAGE, PAGE, PROT_READ);
    mprotect(arena + 2 * PAGE, PAGE, PROT_NONE);
    pid_t child = fork();
    if (child == 0)
        _exit(rights(arena, shared));
    reap("a child that changes rights, empties and unmaps", child);
    tell("the parent's: %s", picture(arena, 4));
    mprotect(arena, 4 * PAGE, RW);
    check("are as they were",
          holds(arena, 3, 30) && zeros(arena + 3 * PAGE, 1));
    check("shared memory is shared",
          *word(shared, 0) == 2 && *word(shared, 1) == 12);
}

int main(void)
{
    probes_begin();
    turn = (uint32_t *)map(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    everywhere();
    generations();
    siblings();
    by_the_kernel();
    with_rights();
    return finish();
}
