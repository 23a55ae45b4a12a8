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

static bool verdict(const char *what, struct measurement m, uint32_t bound)
{
    if (m.error) {
        printf("%-30s failed: %s\n", what, error_name(m.error));
        return false;
    }
    printf("%-30s %6u   bound %u: %s\n", what, m.counts, bound,
           m.counts <= bound ? "kept" : "exceeded");
    return m.counts <= bound;
}

int main(int argc, char **argv)
{
    bool strict = argc > 1 && strcmp(argv[1], "strict") == 0;

    show_configuration();
    measure_settle();
    bool kept = verdict("null system call", measure_null_call(), 120);
    kept &=
        verdict("switch, two tasks of one MM", measure_switch_thread(), 250);
    printf("counts of RDTSC: instructions under -icount, else time, and then "
           "the bounds say little\n");
    return strict && !kept ? 1 : 0;
}
