/* SPDX-License-Identifier: MIT */
/*
 * Claim C8: page tables in low memory take low memory and kernel addresses for
 * all MMs, those in an MM's own region addresses for one; through temporary
 * mappings they take neither, but each visit costs. Told by Bligh in 2002, see
 * docs/claim-c8.md. Children are forked, each writes 64 pages spread over 8 MiB
 * and sleeps; when 1, 10, 100 and 1000 are alive, what their tables take is
 * printed, for the placement that the kernel was booted with (pt=). Then what
 * a hundred forks and page faults cost. The argument is how many MMs (1000, or
 * as many as there is high memory for).
 */
#include "user/lib/clock.h"
#include "user/lib/division.h"
#include "user/lib/error.h"
#include "user/lib/measure.h"
#include "user/lib/memory.h"
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/tally.h"

#define MOST   1000
#define PAGES  64
#define SPREAD (8u << 20)
#define TIMES  100u
/* More than an MM takes: so that it is not high memory that runs out. */
#define FRAMES_EACH 100
#define READ_WRITE  3
#define KILL        9
/* Tables of a child: four directories, and at least those of the 8 MiB. */
#define TABLE_BYTES_LEAST ((4 + 4) * PAGE_BYTES)
#define SELF_MAP_BYTES    (8u << 20)

static const char *const policies[] = {"lowmem", "kmap", "ukva"};
static const char *policy = "?";
static int pids[MOST];
static volatile uint32_t *ready; /* in shared memory */
static volatile char *area;      /* the 8 MiB */

static struct abi_system settled(void)
{
    struct abi_system s;

    if (!query_row(QUERY_SETTLED, 0, &s, sizeof(s)))
        memset(&s, 0, sizeof(s));
    return s;
}

static void *map(uint32_t bytes, uint32_t how)
{
    int32_t at =
        sys_mmap2(0, bytes, READ_WRITE, how | ABI_MAP_ANONYMOUS, -1, 0);

    if ((uint32_t)at > -4096u) {
        printf("no memory to begin with: %s\n", error_text(at));
        sys_exit_group(1);
    }
    return (void *)at;
}

static void touch(volatile char *from, uint32_t stride, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        from[i * stride]++;
}

static void wait_for_ever(void)
{
    for (;;)
        system_call(SYS_pause, (uint32_t[6]){0});
}

/* Kernel addresses that tables take: in every MM, or in one. */
static uint32_t addresses(const struct abi_system *before,
                          const struct abi_system *now)
{
    if (strcmp(policy, "ukva") == 0)
        return SELF_MAP_BYTES; /* and no other MM sees them */
    return (uint32_t)(now->table_bytes_low - before->table_bytes_low);
}

static void print_row(uint32_t made, const struct abi_system *before)
{
    struct abi_system now = settled();
    int32_t low = (int32_t)(before->frames_free_low - now.frames_free_low) * 4;

    printf("pt=%-7s %5u %12u %12u %12d %12u\n", policy, made,
           (uint32_t)(now.table_bytes_low - before->table_bytes_low) >> 10,
           (uint32_t)(now.table_bytes_high - before->table_bytes_high) >> 10,
           low, addresses(before, &now) >> 10);
}

/* Fork so many, one after the other is ready; how many, and why not more. */
static uint32_t make(uint32_t wanted, const struct abi_system *before,
                     int *error)
{
    uint32_t made = 0, next = 1;

    for (; made < wanted; made++) {
        pids[made] = *error = sys_fork();
        if (pids[made] < 0)
            break;
        if (!pids[made]) {
            touch(area, SPREAD / PAGES, PAGES);
            __atomic_fetch_add(ready, 1, __ATOMIC_SEQ_CST);
            wait_for_ever();
        }
        /* It may be ended for want of memory before it has touched all. */
        while (*ready <= made &&
               sys_wait4(pids[made], NULL, ABI_WNOHANG, NULL) == 0)
            clock_sleep(MILLISECONDS);
        if (*ready <= made) {
            *error = -ENOMEM;
            break;
        }
        if (made + 1 == next) {
            print_row(made + 1, before);
            next *= 10;
        }
    }
    if (made * 10 != next)
        print_row(made, before);
    return made;
}

static void end_all(uint32_t made)
{
    for (uint32_t i = 0; i < made; i++)
        system_call(SYS_kill, (uint32_t[6]){(uint32_t)pids[i], KILL});
    for (uint32_t i = 0; i < made; i++)
        sys_wait4(pids[i], NULL, 0, NULL);
}

/* --- what it costs --- */

#define COSTS                                                          \
    {                                                                  \
        .names = { "kmaps", "kmap_wraps", "flush_pages", "flush_all" } \
    }

static void print_cost(const char *what, const struct tally *t)
{
    printf("pt=%-7s %-22s %6u %6u %6u %6u %9u\n", policy, what, t->value[0],
           t->value[1], t->value[2], t->value[3],
           (uint32_t)divide_u64(t->time, TIMES, NULL));
}

/* A child that ends at once, or sleeps. */
static int fork_child(struct tally *t, bool sleeps)
{
    tally_begin(t);
    int pid = sys_fork();
    if (pid == 0 && sleeps)
        wait_for_ever();
    if (pid == 0)
        sys_exit_group(0);
    tally_end(t);
    return pid;
}

static bool print_costs(void)
{
    struct tally forks = COSTS, lives = COSTS, fresh = COSTS, copied = COSTS;
    struct tally unused = COSTS;
    volatile char *row = map((TIMES + 1) * PAGE_BYTES, ABI_MAP_PRIVATE);

    printf("\n%-10s %-22s %6s %6s %6s %6s %9s\n", "policy", "100 times",
           "kmaps", "wraps", "invlpg", "flush", "each");
    touch(area, SPREAD / PAGES, PAGES);
    for (uint32_t i = 0; i <= TIMES; i++) {
        int pid = fork_child(i ? &forks : &unused, false); /* 0: to warm up */
        if (pid < 0 || sys_wait4(pid, NULL, 0, NULL) != pid)
            return false;
    }
    print_cost("fork", &forks);
    tally_begin(&lives);
    for (uint32_t i = 0; i < TIMES; i++) {
        int pid = sys_fork();
        if (pid == 0)
            sys_exit_group(0);
        sys_wait4(pid, NULL, 0, NULL);
    }
    tally_end(&lives);
    print_cost("fork, end, wait", &lives);
    row[TIMES * PAGE_BYTES] = 1; /* so that there is a table */
    tally_begin(&fresh);
    touch(row, PAGE_BYTES, TIMES);
    tally_end(&fresh);
    print_cost("fault, fresh page", &fresh);
    pids[0] = fork_child(&unused, true);
    if (pids[0] < 0)
        return false;
    tally_begin(&copied);
    touch(row, PAGE_BYTES, TIMES);
    tally_end(&copied);
    print_cost("fault, copy on write", &copied);
    end_all(1);
    return row[0] == 2;
}

/* Whether the tables took what the claim says. */
static bool as_claimed(const struct abi_system *before, uint32_t made,
                       uint32_t wanted, int error)
{
    struct abi_system now = settled();
    uint64_t low = now.table_bytes_low - before->table_bytes_low;
    uint64_t high = now.table_bytes_high - before->table_bytes_high;

    if (made < wanted && error != -ENOMEM)
        return false;
    if (strcmp(policy, "lowmem") == 0)
        return !high && low >= (uint64_t)made * TABLE_BYTES_LEAST;
    return made == wanted && !low && high >= (uint64_t)made * TABLE_BYTES_LEAST;
}

int main(int argc, char **argv)
{
    uint32_t wanted = MOST;
    int error = 0;

    if (argc > 1 &&
        (!string_to_number(argv[1], &wanted) || !wanted || wanted > MOST)) {
        printf("usage: tables [MMS]\n");
        return 2;
    }
    for (uint32_t i = 0; i < 3; i++)
        if (option_is("pt", policies[i]))
            policy = policies[i];
    show_configuration();
    if (!show_high_memory())
        return 2;
    measure_settle();
    ready = map(PAGE_BYTES, ABI_MAP_SHARED);
    area = map(SPREAD, ABI_MAP_PRIVATE);
    printf("\n%-10s %5s %12s %12s %12s %12s\n", "policy", "MMs", "tables low",
           "tables high", "low memory", "addresses");
    struct abi_system before = settled();
    uint32_t room = (uint32_t)before.frames_free_high;
    if (argc < 2 && room < wanted * FRAMES_EACH)
        wanted = room / FRAMES_EACH;
    uint32_t made = make(wanted, &before, &error);
    bool well = as_claimed(&before, made, wanted, error);
    end_all(made);
    well &= print_costs();
    printf("\nKiB, but for the counters; addresses: of the kernel, taken by "
           "tables; each: counts of the\ntime stamp counter, instructions "
           "under --icount.\n");
    printf("verdict: pt=%s: reached %u of %u MMs%s%s; %s\n", policy, made,
           wanted, made < wanted ? ", then " : "",
           made < wanted ? error_name(error) : "",
           well ? "tables lie where the claim says" : "NOT as the claim says");
    return well ? 0 : 1;
}
