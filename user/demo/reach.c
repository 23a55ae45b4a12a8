/* SPDX-License-Identifier: MIT */
/*
 * Claim C10: memory of an MM that is not loaded must sometimes be reached, and
 * a temporary mapping is needed then. Told by Bligh in 2002, see
 * docs/another-mm.md. A parent reads and writes the memory of a forked child,
 * which sleeps meanwhile, and prints what the kernel counted: temporary
 * mappings, invalidations, interrupts to other CPUs, loads of a CR3. The last
 * must be none: the child's tables are walked, but not by the CPU. Frames of
 * low memory need no mapping: where all memory is low, nothing of it is seen.
 */
#include <stdbool.h>

#include "user/lib/clock.h"
#include "user/lib/error.h"
#include "user/lib/measure.h"
#include "user/lib/print.h"
#include "user/lib/program.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"

#define PAGE       4096u
#define PAGES      16u
#define BYTES      (PAGES * PAGE)
#define ROUNDS     5
#define OF_PARENT  1 /* what the pages are filled with, by whom */
#define OF_CHILD   2
#define AFTERWARDS 3

struct segment {
    void *base;
    uint32_t bytes;
};

/* The same address in parent and child, but for the buffer not the same. */
static uint8_t pages[BYTES] __attribute__((aligned(4096)));
static uint8_t buffer[BYTES] __attribute__((aligned(4096)));
static volatile bool end; /* the child's is set by the parent */
static int child;

static const char *const counted[] = {"kmaps", "flush_pages", "shootdowns",
                                      "cr3_loads", "faults_copied"};
#define COUNTED (sizeof(counted) / sizeof(counted[0]))

struct cost {
    int32_t moved; /* bytes, or an error */
    uint32_t time, counts[COUNTED];
};

static int32_t reach(bool write, void *here, void *there, uint32_t bytes)
{
    struct segment ours = {here, bytes}, theirs = {there, bytes};
    const uint32_t arguments[6] = {
        (uint32_t)child, (uint32_t)&ours, 1, (uint32_t)&theirs, 1, 0};

    return system_call(write ? SYS_process_vm_writev : SYS_process_vm_readv,
                       arguments);
}

static struct cost cost_once(bool write, uint32_t bytes)
{
    struct cost c = {.moved = 0};

    for (uint32_t i = 0; i < COUNTED; i++)
        c.counts[i] = (uint32_t)counter_read(counted[i]);
    uint64_t begin = cycle_counter();
    c.moved = reach(write, buffer, pages, bytes);
    c.time = (uint32_t)(cycle_counter() - begin);
    for (uint32_t i = 0; i < COUNTED; i++)
        c.counts[i] = (uint32_t)counter_read(counted[i]) - c.counts[i];
    return c;
}

static void print_row(const char *what, uint32_t bytes, struct cost c)
{
    printf("%-22s %6u", what, bytes);
    for (uint32_t i = 0; i < COUNTED; i++)
        printf(" %7u", c.counts[i]);
    printf(" %8u\n", c.time);
}

/* One row: the cheapest of some rounds, in which the least else happened. */
static bool row(const char *what, bool write, uint32_t bytes, int rounds,
                struct cost *cheapest)
{
    struct cost least = {.time = UINT32_MAX};

    for (int round = 0; round < rounds; round++) {
        struct cost c = cost_once(write, bytes);
        if (c.moved != (int32_t)bytes) {
            printf("%s: %s\n", what,
                   c.moved < 0 ? error_text(c.moved) : "a part only");
            return false;
        }
        if (c.time < least.time)
            least = c;
    }
    print_row(what, bytes, least);
    *cheapest = least;
    return true;
}

/* All of it filled with that? */
static bool is_all(const uint8_t *at, uint8_t value)
{
    for (uint32_t i = 0; i < BYTES; i++)
        if (at[i] != value)
            return false;
    return true;
}

/* Half of its pages are still the parent's, too. */
static int be_child(void)
{
    memset(pages, OF_CHILD, BYTES / 2);
    while (!end)
        clock_sleep(20 * MILLISECONDS);
    return is_all(pages, AFTERWARDS) ? 0 : 1;
}

static bool print_table(struct cost *read, struct cost *write)
{
    struct cost other;

    printf("\n%-22s %6s %7s %7s %7s %7s %7s %8s\n", "", "bytes", "kmaps",
           "invlpg", "asked", "cr3", "copied", "counts");
    memset(buffer, AFTERWARDS, sizeof(buffer));
    bool well = row("read", false, 8, ROUNDS, &other) &&
                row("read", false, PAGE, ROUNDS, &other) &&
                row("read", false, BYTES, ROUNDS, read);
    well = well && buffer[0] == OF_CHILD && buffer[BYTES - 1] == OF_PARENT;
    memset(buffer, AFTERWARDS, sizeof(buffer));
    well = well && row("write, pages shared", true, BYTES, 1, &other) &&
           row("write", true, 8, ROUNDS, &other) &&
           row("write", true, PAGE, ROUNDS, &other) &&
           row("write", true, BYTES, ROUNDS, write);
    return well && is_all(pages, OF_PARENT);
}

int main(int argc, char **argv)
{
    struct cost read = {.moved = 0}, write = {.moved = 0};
    int status = -1;

    (void)argc, (void)argv;
    show_configuration();
    measure_settle();
    memset(pages, OF_PARENT, BYTES);
    memset(buffer, 0, BYTES);
    child = sys_fork();
    if (child == 0)
        sys_exit_group(be_child());
    clock_sleep(50 * MILLISECONDS);
    bool well = child > 0 && print_table(&read, &write);
    bool yes = true;
    well = reach(true, &yes, (void *)&end, sizeof(yes)) == 1 && well;
    sys_wait4(child, &status, 0, NULL);
    printf("\nasked: times that other CPUs were told to flush; copied: "
           "copy-on-write was broken\nfor the child; counts: of the time stamp "
           "counter, instructions under --icount.\n");
    well = well && status == 0 && !end;
    bool loaded = read.counts[3] || write.counts[3];
    printf("verdict: %s; for %u pages the CPU loaded %s CR3 and made %u "
           "temporary mappings\n",
           well ? "both sides found what was written" : "FAILED", PAGES,
           loaded ? "another" : "no", read.counts[0]);
    return well && !loaded ? 0 : 1;
}
