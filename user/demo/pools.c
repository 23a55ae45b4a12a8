/* SPDX-License-Identifier: MIT */
/*
 * Claim C16: slots for temporary mappings that belong to a CPU fail when a task
 * sleeps with one and wakes up elsewhere; and, a part of claim C9, so do slots
 * that belong to a task but are flushed only where it happens to be. Told by
 * Bligh in 2002, see docs/claim-c16.md. One task moves between two CPUs and
 * maps pages in a small pool: its own, the CPU's, the MM's. Each page has its
 * number in it, and the table says how often another page was found there.
 */
#include <stdbool.h>

#include "kernel/abi/experiment_pools.h"
#include "user/lib/error.h"
#include "user/lib/experiment.h"
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/system.h"

static const struct {
    const char *name;
    uint32_t kind;
    bool right; /* says the claim, on two CPUs */
} pools[] = {
    {"the task's, flushed where it is", POOL_TASK, false},
    {"the CPU's, flushed there", POOL_CPU, false},
    {"the MM's, flushed where it is loaded", POOL_MM, true},
};
#define POOLS (sizeof(pools) / sizeof(pools[0]))

static const struct abi_pool_step steps[] = POOL_STEPS;
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static struct abi_pool_read reads[POOL_READS];

/* A row, and the first wrong read; how many there were, or an error. */
static int32_t try_pool(uint32_t i)
{
    const struct abi_pool_read *read = reads, *first = NULL;
    int32_t sum = 0;
    uint32_t result =
        experiment(EXPERIMENT_pools, pools[i].kind, (uint32_t)reads, 0);

    if (is_error(result)) {
        printf("%-38s %s\n", pools[i].name, error_text((int)result));
        return (int32_t)result;
    }
    printf("%-38s", pools[i].name);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t wrong = 0;
        for (uint32_t n = 0; n < steps[step].pages; n++, read++)
            if (read->found != read->wanted) {
                first = first ? first : read;
                wrong++;
            }
        printf("  %2u of %-2u", wrong, steps[step].pages);
        sum += (int32_t)wrong;
    }
    printf("\n");
    if (first)
        printf("    the first: page %u was mapped, page %u was read\n",
               first->wanted, first->found);
    return sum;
}

int main(int argc, char **argv)
{
    bool well = true, one = system_read().cpus == 1;

    (void)argc, (void)argv;
    show_configuration();
    printf("\n%-38s  %-8s  %-8s  %-8s  %-8s\n", "wrong reads; pool of 8 slots",
           "here", "there", "here", "moved");
    for (uint32_t i = 0; i < POOLS; i++) {
        int32_t wrong = try_pool(i);
        well &= one || pools[i].right ? wrong == 0 : wrong > 0;
    }
    printf("\nhere, there: mapped and read on CPU 0, on CPU 1; moved: mapped "
           "there, read here after a sleep.\n");
    if (!well)
        printf("verdict: NOT as the claim says\n");
    else if (one)
        printf("verdict: on one CPU all are right; look again on two\n");
    else
        printf("verdict: only the MM's pool is right on two CPUs\n");
    return well ? 0 : 1;
}
