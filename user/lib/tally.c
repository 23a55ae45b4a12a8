/* SPDX-License-Identifier: MIT */
/*
 * Sums of counters: see tally.h. What was there before is subtracted, what is
 * there after is added; the clock is read last and first, so that reading the
 * counters is not in it. All counters are read in one call.
 */
#include "user/lib/tally.h"

#include "user/lib/clock.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

static void add(struct tally *tally, uint32_t sign)
{
    static struct abi_counter rows[64];
    int count = sys_query(QUERY_COUNTERS, 0, rows, sizeof(rows));

    for (uint32_t i = 0; i < TALLY_NAMES && tally->names[i]; i++)
        for (int row = 0; row < count; row++)
            if (strcmp(rows[row].name, tally->names[i]) == 0)
                tally->value[i] += sign * (uint32_t)rows[row].value;
}

void tally_begin(struct tally *tally)
{
    add(tally, UINT32_MAX);
    tally->time -= cycle_counter();
}

void tally_end(struct tally *tally)
{
    tally->time += cycle_counter();
    add(tally, 1);
}
