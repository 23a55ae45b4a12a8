/* SPDX-License-Identifier: MIT */
/*
 * Claim C9: a pool of temporary mappings for each MM saves flushes, since only
 * CPUs that have the MM loaded must make them, and of those only who has not
 * loaded another root since. Told by Bligh in 2002 of a pool for each task, and
 * corrected by what Torvalds said of MMs, see docs/claim-c9.md. A task on CPU 0
 * maps and unmaps a page of high memory so many times, with siblings and other
 * MMs on the other CPUs; what was flushed and who was interrupted is printed,
 * for the pool that the kernel was booted with (kmap=). The argument is how
 * often (10000).
 */
#include <stdbool.h>

#include "user/lib/clock.h"
#include "user/lib/division.h"
#include "user/lib/error.h"
#include "user/lib/experiment.h"
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/system.h"
#include "user/lib/tally.h"
#include "user/lib/thread.h"

#define CPUS_MOST  32
#define AT_ONCE    10000u /* in one call: nobody else runs meanwhile */
#define READ_WRITE 3

static const char *const policies[] = {"global", "atomic", "ukva"};
static const char *policy = "?";
static uint32_t cpus, times = 10000;

/* In shared memory: counts, and what the row came to. */
static struct {
    volatile uint32_t there, go, done, end;
    bool well;
} * common;

enum { KMAPS, WRAPS, SENT, PAGES, ALL, GLOBAL };
#define COUNTED            \
    {                      \
        .names = {         \
            "kmaps",       \
            "kmap_wraps",  \
            "ipis_sent",   \
            "flush_pages", \
            "flush_all",   \
            "flush_global" \
        }                  \
    }

static int settle_on(uint32_t cpu)
{
    uint32_t mask = 1u << cpu;

    return sys_sched_setaffinity(0, sizeof(mask), &mask);
}

static void count(volatile uint32_t *word)
{
    __atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
}

static void wait_for(volatile uint32_t *word, uint32_t least)
{
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) < least)
        sys_sched_yield();
}

/* Without giving way: so that the CPU keeps what it has loaded. */
static void spin_for(volatile uint32_t *word, uint32_t least)
{
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) < least)
        __asm__ volatile("pause");
}

static bool map_many(uint32_t left)
{
    for (uint32_t now; left; left -= now) {
        now = left < AT_ONCE ? left : AT_ONCE;
        if (experiment(EXPERIMENT_kmaps, now, 0, 0))
            return false;
    }
    return true;
}

/* --- who else there is --- */

/* A sibling on another CPU that stays there, or sleeps there. */
static int be_sibling(void *argument)
{
    settle_on((uint32_t)argument);
    count(&common->there);
    spin_for(&common->end, 1);
    return 0;
}

static int be_sleeper(void *argument)
{
    settle_on((uint32_t)argument);
    count(&common->there);
    return (int)system_call(SYS_pause, (uint32_t[6]){0});
}

static void start(thread_function function, uint32_t cpu)
{
    static struct thread threads[CPUS_MOST];
    static uint8_t stacks[CPUS_MOST][4096] __attribute__((aligned(16)));

    thread_start(&threads[cpu], function, (void *)cpu, stacks[cpu],
                 sizeof(stacks[cpu]));
}

static void nobody(void)
{
}

static void sleeper(void)
{

    start(be_sleeper, 1);
    wait_for(&common->there, 1);
    clock_sleep(20 * MILLISECONDS); /* it sleeps by then, and has moved */
}

/* The same; then a task of another MM comes to the sleeper's CPU. */
static void sleeper_left(void)
{
    sleeper();
    if (sys_fork() == 0) {
        settle_on(1);
        count(&common->there);
        spin_for(&common->end, 1);
        sys_exit_group(0);
    }
    wait_for(&common->there, 2);
}

static void siblings(void)
{
    for (uint32_t cpu = 1; cpu < cpus; cpu++)
        start(be_sibling, cpu);
    wait_for(&common->there, cpus - 1);
}

/* An MM on each other CPU, which maps a share of them. */
static void mappers(void)
{
    for (uint32_t cpu = 1; cpu < cpus; cpu++)
        if (sys_fork() == 0) {
            settle_on(cpu);
            count(&common->there);
            spin_for(&common->go, 1);
            bool well = map_many(times / cpus);
            count(&common->done);
            spin_for(&common->end, 1);
            sys_exit_group(well ? 0 : 1);
        }
    wait_for(&common->there, cpus - 1);
}

static const struct row {
    const char *name;
    uint32_t least; /* CPUs that it takes */
    void (*others)(void);
    bool all_map;
    bool others_have_it; /* the MM is loaded on another CPU */
} rows[] = {
    {"alone", 1, nobody, false, false},
    {"a sibling sleeps on another CPU", 2, sleeper, false, true},
    {"the same, and another MM runs there", 2, sleeper_left, false, false},
    {"siblings run on all other CPUs", 2, siblings, false, true},
    {"an MM on each CPU, all map", 2, mappers, true, false},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* How many interrupts it may take at most, and must at least. */
static bool as_claimed(const struct row *row, const uint32_t *value)
{
    uint32_t others = row->others == siblings ? cpus - 1 : 1;

    if (strcmp(policy, "global") == 0) /* all CPUs, at each wrap */
        return value[WRAPS] && value[SENT] >= value[WRAPS] * (cpus - 1);
    if (strcmp(policy, "atomic") == 0)
        return !value[WRAPS] && !value[SENT] && value[PAGES] >= value[KMAPS];
    if (!row->others_have_it)
        return value[WRAPS] && !value[SENT];
    return value[WRAPS] && value[SENT] <= value[WRAPS] * others;
}

/* In a task of its own, whose MM has been on no CPU but this. */
static void be_mapper(const struct row *row)
{
    struct tally t = COUNTED;

    row->others();
    tally_begin(&t);
    common->go = 1;
    bool well = map_many(row->all_map ? times / cpus : times);
    if (row->all_map)
        spin_for(&common->done, cpus - 1);
    tally_end(&t);
    printf("kmap=%-7s %-36s %8u %6u %8u %8u %6u %6u %6u\n", policy, row->name,
           t.value[KMAPS], t.value[WRAPS], t.value[SENT], t.value[PAGES],
           t.value[ALL], t.value[GLOBAL],
           (uint32_t)divide_u64(t.time, times, NULL));
    common->well = well && t.value[KMAPS] >= times / cpus * cpus &&
                   as_claimed(row, t.value);
    common->end = 1;
    sys_exit_group(0);
}

static bool try_row(const struct row *row)
{
    int status;

    memset((void *)common, 0, sizeof(*common));
    int pid = sys_fork();
    if (pid == 0)
        be_mapper(row);
    while (sys_wait4(-1, &status, 0, NULL) != -ECHILD)
        continue;
    return common->well;
}

int main(int argc, char **argv)
{
    bool well = true;

    if (argc > 1 && (!string_to_number(argv[1], &times) || !times)) {
        printf("usage: kmaps [TIMES]\n");
        return 2;
    }
    for (uint32_t i = 0; i < 3; i++)
        if (option_is("kmap", policies[i]))
            policy = policies[i];
    cpus = system_read().cpus;
    show_configuration();
    if (!show_high_memory())
        return 2;
    settle_on(0);
    common = (void *)sys_mmap2(0, 4096, READ_WRITE,
                               ABI_MAP_SHARED | ABI_MAP_ANONYMOUS, -1, 0);
    printf("\n%-12s %-36s %8s %6s %8s %8s %6s %6s %6s\n", "policy", "besides",
           "kmaps", "wraps", "sent", "invlpg", "flush", "global", "each");
    for (uint32_t i = 0; i < ROWS; i++)
        if (cpus >= rows[i].least)
            well &= try_row(&rows[i]);
    printf(
        "\nsent: interrupts to other CPUs; flush: of all but global entries, "
        "global: of those, too;\neach: counts of the time stamp counter, "
        "instructions under --icount -c 1.\n");
    printf("verdict: kmap=%s: %s\n", policy,
           well ? "interrupts as the claim says" : "NOT as the claim says");
    return well ? 0 : 1;
}
