/* SPDX-License-Identifier: MIT */
/*
 * Reading the counters. The list in kernel/abi/counters.h is the only one:
 * the enumeration, the rows below and what programs see are made from it.
 */
#include "kernel/counters.h"

#include "kernel/abi/query.h"
#include "kernel/panic.h"
#include "kernel/string.h"

#define COUNTER(name, meaning) {#name, meaning},
static const struct {
    const char *name, *meaning;
} names[COUNTERS] = {
#include "kernel/abi/counters.h"
};
#undef COUNTER

uint64_t counter_read(enum counter which)
{
    ASSERT(which < COUNTERS);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < cpu_count; i++) {
        /* Written by that CPU at any time: read it once, whatever it is. */
        if (cpus[i])
            sum += *(volatile uint64_t *)&cpus[i]->counters.value[which];
    }
    return sum;
}

bool counter_row(uint32_t index, struct abi_counter *row)
{
    if (index >= COUNTERS)
        return false;
    /* All of it goes to a program: leave nothing of the kernel's inside. */
    memset(row, 0, sizeof(*row));
    string_copy(row->name, names[index].name, sizeof(row->name));
    string_copy(row->meaning, names[index].meaning, sizeof(row->meaning));
    row->value = counter_read((enum counter)index);
    return true;
}
