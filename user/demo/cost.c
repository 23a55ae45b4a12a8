/* SPDX-License-Identifier: MIT */
/*
 * What does it cost to enter the kernel, and to go from one task to another?
 * Two figures with the bound that the kernel is built to: at most 120
 * instructions for a system call that does nothing, at most 250 for a switch
 * between two tasks of one MM. The bounds are in instructions, so the verdict
 * means something only under -icount (`tools/guest --icount -c 1`). With the
 * argument `strict` an exceeded bound is a failure.
 */
#include "user/lib/error.h"
#include "user/lib/measure.h"
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/string.h"

/* False only if the figure is in instructions and above the bound. */
static bool verdict(const char *what, struct measurement m, uint32_t bound)
{
    if (m.error) {
        printf("%-30s failed: %s\n", what, error_name(m.error));
        return false;
    }
    /* Instructions are the same in each round, times never are. */
    bool instructions = m.lowest == m.highest;
    bool kept = m.counts <= bound;
    printf("%-30s %6u %s", what, m.counts,
           instructions ? "instructions" : "counts of time");
    if (instructions)
        printf(", bound %u: %s\n", bound, kept ? "kept" : "exceeded");
    else
        printf(" (rounds: %u to %u)\n", m.lowest, m.highest);
    return kept || !instructions;
}

int main(int argc, char **argv)
{
    bool strict = argc > 1 && strcmp(argv[1], "strict") == 0;

    show_configuration();
    measure_settle();
    bool kept = verdict("null system call", measure_null_call(), 120);
    kept &=
        verdict("switch, two tasks of one MM", measure_switch_thread(), 250);
    printf("The bounds are in instructions: they are judged only where the "
           "counter counts those,\nas under QEMU's -icount "
           "(tools/guest --icount -c 1).\n");
    return strict && !kept ? 1 : 0;
}
