/* SPDX-License-Identifier: MIT */
/* What the kernel reports about itself, read row by row. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/abi/query.h"

/* One row of a kernel table; false past the end or on an error. */
bool query_row(enum abi_query which, uint32_t index, void *row, uint32_t bytes);

/* The one row of QUERY_SYSTEM; all zero if the kernel does not answer. */
struct abi_system system_read(void);

/*
 * Frames that nobody holds for keeps: the free ones and those of the slabs,
 * which keep some empty ones for the next object. Tests compare it.
 */
uint32_t system_frames_free(void);

/* The value of a counter by name, 0 if there is no such counter. */
uint64_t counter_read(const char *name);

/* Whether the boot option `name` has this value. */
bool option_is(const char *name, const char *value);

/* The row of a task; false if there is no such task. */
bool task_read(uint32_t tid, struct abi_task *task);
