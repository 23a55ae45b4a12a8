/* SPDX-License-Identifier: MIT */
/* Starting programs and understanding how they ended. */
#pragma once

#include <stdbool.h>

/* The path of the running program, for starting it once more. */
const char *program_self(void);

/* Start and wait: the wait status, or a negative error. */
int program_run(const char *path, char *const argv[]);

/*
 * Start this program again with the given arguments (the last one NULL, at
 * most 8), with the same environment: its number or a negative error.
 */
int program_start_self(const char *first, ...) __attribute__((sentinel));

/* The same and wait: the wait status or a negative error. */
int program_run_self(const char *first, ...) __attribute__((sentinel));

/* Parts of a wait status. */
static inline bool status_exited(int status)
{
    return (status & 0x7f) == 0;
}

static inline int status_code(int status)
{
    return (status >> 8) & 0xff;
}

static inline int status_signal(int status)
{
    return status & 0x7f;
}

/* What `wait status` says, in words: "exit 3", "killed by signal 11". */
struct status_text {
    char text[40];
};
struct status_text status_text(int status);
