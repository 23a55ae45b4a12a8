/* SPDX-License-Identifier: MIT */
/*
 * Four processes fill more memory than is free (the argument: tenths of it)
 * with numbers that do not compress, and when all have filled, all look at
 * every word: pages filled before a fork and not written since, pages that
 * each of them has overwritten since, pages of its own, and pages that all of
 * them share. So far as it fits the rest has to be paged out.
 *
 * run: guest -m 128M -a swap=96M args=30 tier=normal seconds=10
 * run: guest -m 128M -c 1 -a swap=96M args=30 tier=normal seconds=10
 * run: guest -m 128M -a "swap=96M lowmem=24M" args=30 build=debug seconds=20
 * run: guest -m 6G -a "swap=5900M lowmem=16M" args=30 tier=full seconds=40
 * run: guest -m 300M -a "swap=220M lowmem=12M" args=30 tier=full seconds=20
 * run: guest -m 1G -a swap=800M args=30 tier=full seconds=60
 * run: guest -m 1G -c 1 -a swap=800M args=30 tier=full seconds=60
 */
#include "linux.h"
#include <sys/sysinfo.h>

#define CHILDREN 3
#define PARENT   CHILDREN /* as one of those who write */
#define SHARES   (3 + 3 * CHILDREN + CHILDREN + 3) /* of all pages, see below */

static uint32_t unit; /* pages */
static uint8_t *before, *shared, *own;
static uint32_t mistakes, steps;

/* The runner gives up who says nothing for long. */
static void say_something(void)
{
    if (++steps % 8192 == 0)
        (void)!write(1, ".", 1);
}

/* The numbers of a page: whose, in which memory, which page. */
static uint32_t seed_of(uint32_t who, const uint8_t *memory, uint32_t page)
{
    uint32_t kind = memory == before ? 1 : memory == shared ? 2 : 3;
    return (page * 64 + who * 8 + kind) * 2654435761u | 1;
}

static uint32_t next(uint32_t x)
{
    x ^= x << 13;
    x ^= x >> 17;
    return x ^ x << 5;
}

static void fill_page(uint32_t who, uint8_t *memory, uint32_t page)
{
    uint32_t *word = (uint32_t *)(memory + page * PAGE);
    uint32_t x = seed_of(who, memory, page);
    say_something();
    for (uint32_t i = 0; i < PAGE / 4; i++)
        word[i] = x = next(x);
}

static void look(uint32_t me, uint32_t who, uint8_t *memory, uint32_t page)
{
    const uint32_t *word = (uint32_t *)(memory + page * PAGE);
    uint32_t x = seed_of(who, memory, page), wrong = 0;
    say_something();
    for (uint32_t i = 0; i < PAGE / 4; i++)
        wrong += word[i] != (x = next(x));
    if (wrong && !mistakes++)
        printf("%u: page %u of %s, by %u: %u words wrong, first %08x\n", me,
               page,
               memory == before   ? "the memory before the fork"
               : memory == shared ? "the shared memory"
                                  : "its own",
               who, wrong, word[0]);
}

static uint8_t *map_pages(uint32_t pages, int how)
{
    void *at = mmap(NULL, pages * PAGE, RW, how | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return at;
}

/* Who wrote a page of the shared memory; of the older, as `me` sees it. */
static uint32_t writer_of_shared(uint32_t page)
{
    return page % (CHILDREN + 1);
}

static uint32_t writer_of_older(uint32_t me, uint32_t page)
{
    return me != PARENT && page % 3 == me % 3 ? me : PARENT;
}

static void look_at_all(uint32_t me)
{
    for (uint32_t page = 0; page < 3 * unit; page++) {
        look(me, writer_of_older(me, page), before, page);
        look(me, writer_of_shared(page), shared, page);
        if (me != PARENT)
            look(me, me, own, page);
    }
}

static void write_all(uint32_t me)
{
    for (uint32_t page = 0; page < 3 * unit; page++) {
        if (me != PARENT) {
            fill_page(me, own, page);
            if (writer_of_older(me, page) == me)
                fill_page(me, before, page);
        }
        if (writer_of_shared(page) == me)
            fill_page(me, shared, page);
    }
}

static uint32_t *ready; /* how many have filled theirs; not counted above */

static void meet(void)
{
    __atomic_fetch_add(ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(ready, __ATOMIC_SEQ_CST) <= CHILDREN) {
        siginfo_t ended = {0};
        if (!waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) &&
            ended.si_pid) {
            printf("a child's end: %d\n", ended.si_status);
            exit(4);
        }
        usleep(10000);
    }
}

static void child(uint32_t me)
{
    own = map_pages(3 * unit, MAP_PRIVATE);
    write_all(me);
    meet();
    look_at_all(me);
    look_at_all(me);
    exit(mistakes != 0);
}

int main(int argc, char **argv)
{
    struct sysinfo info;
    int status;
    sysinfo(&info);
    uint32_t pages = info.freeram / 10 * (argc > 1 ? atoi(argv[1]) : 30);
    unit = pages / SHARES;
    printf("free %lu KiB, store %lu KiB, filling %u KiB\n", info.freeram * 4,
           info.totalswap * 4, unit * SHARES * 4);
    fflush(stdout);
    before = map_pages(3 * unit, MAP_PRIVATE);
    shared = map_pages(3 * unit, MAP_SHARED);
    ready = (uint32_t *)map_pages(1, MAP_SHARED);
    for (uint32_t page = 0; page < 3 * unit; page++)
        fill_page(PARENT, before, page);
    for (uint32_t i = 0; i < CHILDREN; i++) {
        pid_t pid = fork();
        if (pid < 0)
            perror("fork");
        if (pid == 0)
            child(i);
    }
    write_all(PARENT);
    meet();
    look_at_all(PARENT);
    for (uint32_t i = 0; i < CHILDREN; i++)
        if (wait(&status) < 0 || status) {
            printf("a child's status: %#x\n", status);
            mistakes++;
        }
    look_at_all(PARENT);
    printf("\n%u mistakes\n", mistakes);
    return mistakes != 0;
}
