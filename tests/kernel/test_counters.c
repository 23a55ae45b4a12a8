/* SPDX-License-Identifier: MIT */
/*
 * Counters: what is added is read, over the border of 32 bits too, and the
 * rows that programs see are complete. Other CPUs may count at the same time,
 * so a counter that hardly moves is used, and moves are lower bounds.
 */
#include "kernel/abi/query.h"
#include "kernel/counters.h"
#include "kernel/string.h"
#include "machine/cpu.h"
#include "tests/kernel/selftest.h"

SELFTEST(counters_add, "what is added is read, with a carry too")
{
    uint64_t before = counter_read(COUNTER_interrupts_spurious);
    counter_add(COUNTER_interrupts_spurious, 3);
    CHECK(counter_read(COUNTER_interrupts_spurious) >= before + 3);
    /* Take it back: the tests leave the counters as they were. */
    this_cpu()->counters.value[COUNTER_interrupts_spurious] -= 3;

    uint64_t value = 0xffffffff;
    count_add(&value, 2);
    CHECK(value == 0x100000001);
    count_add(&value, 0xffffffff);
    CHECK(value == 0x200000000);
}

SELFTEST(counters_rows, "each counter has a row with a name and a meaning")
{
    struct abi_counter row;
    uint32_t rows = 0;
    for (; counter_row(rows, &row); rows++) {
        CHECK(row.name[0] && row.meaning[0]);
        CHECK(strlen(row.name) < sizeof(row.name) - 1);
        CHECK(strlen(row.meaning) < sizeof(row.meaning) - 1);
    }
    CHECK(rows == COUNTERS);
    CHECK(counter_row(COUNTER_syscalls, &row) && !strcmp(row.name, "syscalls"));
    CHECK(!counter_row(UINT32_MAX, &row));
}
