/* SPDX-License-Identifier: MIT */
/*
 * Memory under a storm: threads that wander over the CPUs map, unmap, protect,
 * move, drop and touch pages, each in a window of its own of one MM, beside its
 * neighbours or over the border of two quarters, and fork now and then. Each
 * thread knows what every page of its window must hold; a page that went stale
 * in a TLB, or that two got, holds something else. A child must find its
 * maker's window as it was, and leave no trace in it. All write to one page of
 * counters, too, so that forks and writes meet.
 *
 * Arguments: a seed, steps a thread.
 *
 * run: cpus=1,2,4,8 mem=64M
 * run: cpus=4 mem=6G
 * run: cpus=4 mem=64M options="lowmem=16M"
 * run: cpus=2 mem=64M emulator=bochs args="1 60" tier=full seconds=20
 */
#include "kernel/abi/linux.h"
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/print.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define THREADS     8
#define PAGES       48 /* in a window */
#define PAGE        4096u
#define STEPS       600
#define TIME_NS     2000000000u /* enough, wherever it has come to */
#define STACK_BYTES 8192

#define NONE     0u
#define READ     1u
#define WRITE    2u
#define UNMAPPED 8u
#define PRIVATE  (ABI_MAP_PRIVATE | ABI_MAP_ANONYMOUS)

static uint8_t stacks[THREADS][STACK_BYTES] __attribute__((aligned(16)));
static struct thread threads[THREADS];
static uint32_t counters[THREADS]; /* all in one page */
static uint32_t seed, steps, cpus, wrong, forks;
static uint64_t end;

static struct window {
    uint32_t start, random, step, fresh; /* fresh: for new values */
    struct {
        uint32_t rights, value; /* value: of its first word */
    } page[PAGES];
} windows[THREADS];

static uint32_t below(struct window *w, uint32_t n)
{
    w->random ^= w->random << 13; /* Marsaglia's xorshift */
    w->random ^= w->random >> 17;
    w->random ^= w->random << 5;
    return w->random % n;
}

static uint32_t address(const struct window *w, uint32_t page)
{
    return w->start + page * PAGE;
}

static volatile uint32_t *word(const struct window *w, uint32_t page)
{
    return (volatile uint32_t *)address(w, page);
}

/* The first few are told, with what it takes to see them again. */
static void expect(const struct window *w, const char *what, int64_t value,
                   int64_t expected)
{
    if (value != expected &&
        __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED) < 5)
        printf("seed %u, thread %u, step %u: %s: %d, expected %d\n", seed,
               (uint32_t)(w - windows), w->step, what, (int)value,
               (int)expected);
}

static bool readable(const struct window *w, uint32_t page)
{
    return w->page[page].rights & (READ | WRITE);
}

static uint32_t some_rights(struct window *w)
{
    static const uint32_t rights[] = {NONE, READ, READ | WRITE, READ | WRITE};
    return rights[below(w, 4)];
}

/* Every page, or a run of them: what it holds, and what may be done there. */
static void look(struct window *w, uint32_t from, uint32_t count)
{
    for (uint32_t i = from; i < from + count; i++)
        if (readable(w, i))
            expect(w, "a page holds", *word(w, i), w->page[i].value);
    /* The kernel reads and writes for us, and says if it cannot. */
    uint32_t i = from + below(w, count);
    int result = sys_nanosleep((void *)(address(w, i) + 128), NULL);
    expect(w, "a read", result, readable(w, i) ? 0 : -EFAULT);
    bool may = w->page[i].rights != UNMAPPED && w->page[i].rights & WRITE;
    result =
        sys_clock_gettime(ABI_CLOCK_MONOTONIC, (void *)(address(w, i) + 64));
    expect(w, "a write", result, may ? 0 : -EFAULT);
}

static void touch(struct window *w, uint32_t from, uint32_t count)
{
    for (uint32_t i = from; i < from + count; i++)
        if (w->page[i].rights != UNMAPPED && w->page[i].rights & WRITE)
            *word(w, i) = w->page[i].value =
                (uint32_t)(w - windows + 1) << 24 | (++w->fresh & 0xffffff);
}

static void map(struct window *w, uint32_t from, uint32_t count)
{
    uint32_t rights = some_rights(w), at = address(w, from);
    expect(w, "mmap",
           sys_mmap2(at, count * PAGE, rights, PRIVATE | ABI_MAP_FIXED, -1, 0),
           (int32_t)at);
    for (uint32_t i = from; i < from + count; i++) {
        w->page[i].rights = rights;
        w->page[i].value = 0;
    }
}

static void unmap(struct window *w, uint32_t from, uint32_t count)
{
    expect(w, "munmap", sys_munmap(address(w, from), count * PAGE), 0);
    for (uint32_t i = from; i < from + count; i++)
        w->page[i].rights = UNMAPPED;
}

/* It stops at a hole. */
static void protect(struct window *w, uint32_t from, uint32_t count)
{
    uint32_t rights = some_rights(w), i = from;
    for (; i < from + count && w->page[i].rights != UNMAPPED; i++)
        w->page[i].rights = rights;
    expect(w, "mprotect", sys_mprotect(address(w, from), count * PAGE, rights),
           i < from + count ? -ENOMEM : 0);
}

/* It goes on behind a hole. */
static void drop(struct window *w, uint32_t from, uint32_t count)
{
    const uint32_t arguments[6] = {address(w, from), count * PAGE,
                                   ABI_MADV_DONTNEED};
    int expected = 0;
    for (uint32_t i = from; i < from + count; i++) {
        w->page[i].value = 0;
        if (w->page[i].rights == UNMAPPED)
            expected = -ENOMEM;
    }
    expect(w, "madvise", system_call(SYS_madvise, arguments), expected);
}

/* Pages that are alike are one area, whatever was done to them before. */
static void move(struct window *w, uint32_t from, uint32_t count)
{
    uint32_t rights = w->page[from].rights, alike = 1;
    while (alike < count && w->page[from + alike].rights == rights)
        alike++;
    count = alike;
    uint32_t to = below(w, PAGES - count + 1);
    if (rights == UNMAPPED || (to < from + count && from < to + count))
        return;
    expect(w, "mremap",
           sys_mremap(address(w, from), count * PAGE, count * PAGE,
                      ABI_MREMAP_MAYMOVE | ABI_MREMAP_FIXED, address(w, to)),
           (int32_t)address(w, to));
    for (uint32_t i = 0; i < count; i++) {
        w->page[to + i] = w->page[from + i];
        w->page[from + i].rights = UNMAPPED;
    }
}

static void fork(struct window *w)
{
    int status = -1, child = sys_fork();
    if (child == 0) {
        look(w, 0, PAGES);
        touch(w, 0, PAGES);
        unmap(w, 0, PAGES / 2);
        look(w, 0, PAGES);
        sys_exit_group(wrong != 0);
    }
    expect(w, "fork", child > 0, true);
    touch(w, 0, PAGES);
    if (child > 0) {
        expect(w, "wait", sys_wait4(child, &status, 0, NULL), child);
        expect(w, "a child's status", status, 0);
        __atomic_fetch_add(&forks, 1, __ATOMIC_RELAXED);
    }
    look(w, 0, PAGES);
}

static void wander(struct window *w)
{
    uint32_t mask = 1u << below(w, cpus);
    expect(w, "affinity", sys_sched_setaffinity(0, sizeof(mask), &mask), 0);
}

static void step(struct window *w)
{
    static void (*const changes[])(struct window *, uint32_t, uint32_t) = {
        map, map, unmap, protect, protect, drop, move, move, touch, touch,
    };
    uint32_t from = below(w, PAGES), count = 1 + below(w, 8);
    if (count > PAGES - from)
        count = PAGES - from;
    look(w, from, count); /* into the TLB with it */
    changes[below(w, sizeof(changes) / sizeof(changes[0]))](w, from, count);
    look(w, from, count);
    if (below(w, 16) == 0)
        wander(w);
    if (below(w, 64) == 0)
        fork(w);
}

static int storm(void *argument)
{
    struct window *w = argument;
    volatile uint32_t *counter = &counters[w - windows];
    for (w->step = 0; w->step < steps && clock_now() < end; w->step++) {
        step(w);
        *counter = *counter + 1;
        expect(w, "the counter", *counter, w->step + 1);
    }
    look(w, 0, PAGES);
    unmap(w, 0, PAGES);
    return 0;
}

/* Two lie over borders, the others side by side. */
static void place(uint32_t i)
{
    struct window *w = &windows[i];
    w->start = i < 2 ? (i + 1) * 0x40000000u - PAGES / 2 * PAGE
                     : 0x50000000u + i * PAGES * PAGE;
    w->random = seed + i * 2654435761u;
    if (!w->random)
        w->random = 1;
    for (uint32_t page = 0; page < PAGES; page++)
        w->page[page].rights = UNMAPPED;
}

int main(int argc, char **argv)
{
    seed = (uint32_t)cycle_counter();
    steps = STEPS;
    if (argc > 1)
        CHECK(string_to_number(argv[1], &seed));
    if (argc > 2)
        CHECK(string_to_number(argv[2], &steps));
    cpus = system_read().cpus;
    end = clock_now() + TIME_NS;
    printf("mapstorm %u %u\n", seed, steps);
    for (uint32_t i = 0; i < THREADS; i++)
        place(i);
    for (uint32_t i = 0; i < THREADS; i++)
        CHECK(thread_start(&threads[i], storm, &windows[i], stacks[i],
                           STACK_BYTES) > 0);
    for (uint32_t i = 0; i < THREADS; i++)
        thread_wait(&threads[i]);
    threads_wait_gone();
    CHECK_EQUAL(wrong, 0);
    CHECK(forks > 0);
    return check_result();
}
