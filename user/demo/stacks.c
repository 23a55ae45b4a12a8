/* SPDX-License-Identifier: MIT */
/*
 * Claim C11: kernel stacks can lie in the MM's own kernel region, and then cost
 * no low memory and no addresses that all MMs share; task structures and wait
 * queues cannot, since others follow them. Told by Bligh in 2002 of a region
 * for each task, see docs/claim-c11.md. So many threads and then processes are
 * made and sleep, and what each took is printed, for the placement that the
 * kernel was booted with (kstack=). The argument is how many (200).
 */
#include <stdbool.h>

#include "user/lib/clock.h"
#include "user/lib/memory.h"
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define MOST        1000
#define STACK_BYTES 1024
#define KILL        9
/* KERNEL_STACK_PAGES in kernel/task.h; a guard page comes on top. */
#define KERNEL_STACK_BYTES (2 * PAGE_BYTES)

static struct thread threads[MOST];
static uint8_t stacks[MOST][STACK_BYTES] __attribute__((aligned(16)));
static int pids[MOST];
static uint32_t count = 200;
static const char *policy = "lowmem";

struct state {
    int32_t low, tables, high, shared, own; /* bytes */
};

static struct state state_now(void)
{
    struct abi_system s;
    struct state now = {0};

    /* Who has just ended may not have given its stack back. */
    clock_sleep(100 * MILLISECONDS);
    if (!query_row(QUERY_SETTLED, 0, &s, sizeof(s)))
        return now;
    now.low = (int32_t)((s.frames_total_low - s.frames_free_low) * PAGE_BYTES);
    now.high =
        (int32_t)((s.frames_total_high - s.frames_free_high) * PAGE_BYTES);
    now.tables = (int32_t)(s.table_bytes_low + s.table_bytes_high);
    now.low -= (int32_t)s.table_bytes_low;
    now.high -= (int32_t)s.table_bytes_high;
    now.shared = (int32_t)s.kva_used_bytes;
    now.own = (int32_t)s.ukva_bytes;
    return now;
}

/* What each took; whether it is as the claim says. */
static bool print_row(const char *what, const struct state *before)
{
    struct state now = state_now();
    int32_t n = (int32_t)count;
    int32_t low = (now.low - before->low) / n;
    int32_t shared = (now.shared - before->shared) / n;
    int32_t own = (now.own - before->own) / n;
    int32_t stack = KERNEL_STACK_BYTES;

    printf("kstack=%-7s %-8s %9d %9d %9d %9d %9d\n", policy, what, low,
           (now.tables - before->tables) / n, (now.high - before->high) / n,
           shared, own);
    if (strcmp(policy, "lowmem") == 0)
        return low >= stack && shared > stack && !own;
    return low < stack / 2 && !shared && own >= stack;
}

static int sleep_for_ever(void *unused)
{
    (void)unused;
    for (;;)
        system_call(SYS_pause, (uint32_t[6]){0});
    return 0;
}

/* In a child, which ends with all of them. */
static bool many_threads(void)
{
    memset(stacks, 1, sizeof(stacks)); /* so that no fault takes a page */
    struct state before = state_now();
    for (uint32_t i = 0; i < count; i++)
        if (thread_start(&threads[i], sleep_for_ever, NULL, stacks[i],
                         STACK_BYTES) < 0)
            return false;
    return print_row("thread", &before);
}

static bool many_processes(void)
{
    struct state before = state_now();
    uint32_t made = 0;
    bool well = true;

    while (made < count && (pids[made] = sys_fork()) > 0)
        made++;
    if (made < count && !pids[made])
        sleep_for_ever(NULL);
    well = made == count && print_row("process", &before);
    for (uint32_t i = 0; i < made; i++)
        system_call(SYS_kill, (uint32_t[6]){(uint32_t)pids[i], KILL});
    for (uint32_t i = 0; i < made; i++)
        sys_wait4(pids[i], NULL, 0, NULL);
    return well;
}

int main(int argc, char **argv)
{
    int status = 1;

    if (argc > 1 &&
        (!string_to_number(argv[1], &count) || !count || count > MOST)) {
        printf("usage: stacks [TASKS]\n");
        return 2;
    }
    if (option_is("kstack", "ukva"))
        policy = "ukva";
    show_configuration();
    if (!show_high_memory())
        return 2;
    printf("\n%-14s %-8s %9s %9s %9s %9s %9s\n", "policy", "each", "low",
           "tables", "high", "shared", "own");
    int pid = sys_fork();
    if (pid == 0)
        sys_exit_group(many_threads() ? 0 : 1);
    sys_wait4(pid, &status, 0, NULL);
    bool well = many_processes() && status == 0;
    printf(
        "\nBytes. low, high: memory without page tables; tables: those; "
        "shared: kernel addresses\nthat all MMs have; own: pages in the MM's "
        "own region.\n");
    printf("verdict: kstack=%s: %s\n", policy,
           well ? "stacks lie where the claim says" : "NOT as the claim says");
    return well ? 0 : 1;
}
