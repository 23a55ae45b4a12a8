/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Run the kernel's self-tests named, or all if count is 0; a line for each and
 * `N passed, N failed` at the end. True only if all passed and one ran. A name
 * may be the beginning of several tests' names; one that fits none is a
 * failure.
 */
#include <stdbool.h>

bool selftests_run(int count, char **names);

/* List them with their meaning. */
void selftests_list(void);
