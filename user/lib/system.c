/* SPDX-License-Identifier: MIT */
/* Rows of the kernel's tables, found by their names. */
#include "user/lib/system.h"

#include "user/lib/memory.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

bool query_row(enum abi_query which, uint32_t index, void *row, uint32_t bytes)
{
    return sys_query((int)which, index, row, bytes) == 1;
}

struct abi_system system_read(void)
{
    struct abi_system s;

    if (!query_row(QUERY_SYSTEM, 0, &s, sizeof(s)))
        memset(&s, 0, sizeof(s));
    return s;
}

uint32_t system_frames_free(void)
{
    struct abi_system s;

    if (!query_row(QUERY_SETTLED, 0, &s, sizeof(s)))
        return 0;
    return (uint32_t)(s.frames_free_low + s.frames_free_high);
}

uint64_t counter_read(const char *name)
{
    struct abi_counter row;

    for (uint32_t i = 0; query_row(QUERY_COUNTERS, i, &row, sizeof(row)); i++)
        if (strcmp(row.name, name) == 0)
            return row.value;
    return 0;
}

bool option_is(const char *name, const char *value)
{
    struct abi_option row;

    for (uint32_t i = 0; query_row(QUERY_OPTIONS, i, &row, sizeof(row)); i++)
        if (strcmp(row.name, name) == 0)
            return strcmp(row.value, value) == 0;
    return false;
}

bool task_read(uint32_t tid, struct abi_task *task)
{
    for (uint32_t i = 0; query_row(QUERY_TASKS, i, task, sizeof(*task)); i++)
        if (task->tid == tid && !task->kernel_thread)
            return true;
    return false;
}
