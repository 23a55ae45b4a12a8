/* SPDX-License-Identifier: MIT */
/*
 * The table of basic costs: system call, yield, switch, program start. It
 * prints the configuration first, so that a figure is never without it. For
 * instructions in place of time, run it under `tools/guest --icount -c 1`.
 */
#include "user/lib/error.h"
#include "user/lib/measure.h"
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/string.h"

static const struct {
    const char *name;
    struct measurement (*measure)(void);
} rows[] = {
    {"null system call (getpid)", measure_null_call},
    {"sched_yield, nobody else", measure_yield},
    {"switch, two tasks of one MM", measure_switch_thread},
    {"switch, two MMs", measure_switch_program},
    {"spawn + exit + wait", measure_spawn},
};

int main(int argc, char **argv)
{
    int failures = 0;

    if (argc > 1 && strcmp(argv[1], MEASURE_NOTHING) == 0)
        return 0;
    if (argc > 1 && strcmp(argv[1], MEASURE_PARTNER) == 0)
        return measure_partner();
    if (measure_settle() < 0)
        printf("cannot stay on CPU 0: figures may be of several CPUs\n");
    show_configuration();
    printf("unit: counts of RDTSC for one operation; under --icount one count "
           "is one instruction\n\n");
    printf("%-28s %9s %9s %9s %6s %9s\n", "median of 9 rounds", "median",
           "lowest", "highest", "times", "switches");
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct measurement m = rows[i].measure();
        if (m.error) {
            printf("%-28s failed: %s\n", rows[i].name, error_name(m.error));
            failures++;
            continue;
        }
        printf("%-28s %9u %9u %9u %6u %9u\n", rows[i].name, m.counts, m.lowest,
               m.highest, m.operations, m.switches);
    }
    printf("\ntimes: operations in a round; switches: context switches that "
           "the kernel counted\nin all rounds\n");
    return failures ? 1 : 0;
}
