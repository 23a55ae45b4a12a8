/* SPDX-License-Identifier: MIT */
/* Starting programs from files of the initrd. */
#pragma once

#include "kernel/types.h"

struct mm;

#define EXEC_PATH 256

/* Strings for a new program: argv's, then envp's, each ended by a zero. */
struct exec_strings {
    char *buffer;
    uint32_t pages; /* of the buffer */
    uint32_t used;  /* bytes */
    uint32_t arguments, variables;
};

/* A program that is loaded, and where it begins. */
struct exec_program {
    struct mm *mm;         /* one task's: the caller's to give or put */
    uint32_t entry, stack; /* user addresses */
    uint32_t kernel_stack; /* exec: for the task, in the new MM */
};

/*
 * Load the program `path` into a new MM. 0, -ENOENT and what else path_find()
 * says, -EACCES (not an executable file), -ENOEXEC, -E2BIG, -ENOMEM.
 */
int exec_load(const char *path, const struct exec_strings *strings,
              struct exec_program *program);

/*
 * Go on with the program `path` instead: does not return. The strings are
 * freed in any case. Errors as for exec_load(), with nothing changed; -EINTR:
 * the task is to end.
 */
int exec_replace(const char *path, struct exec_strings *strings);

/*
 * Start the program `path` in a new MM as a child of the current task. The
 * strings are freed in any case, before it runs. Its number, or -ENOENT,
 * -EACCES (not an executable file), -ENOEXEC, -E2BIG, -ENOMEM.
 */
int exec_spawn(const char *path, struct exec_strings *strings);

/*
 * Collect the strings of two user vectors, either of which may be NULL. 0,
 * -EFAULT, -E2BIG (one of 128 KiB, 2 MiB in all), -ENOMEM; after an error there
 * is nothing to free.
 */
int exec_strings_from_user(struct exec_strings *strings, uint32_t argv,
                           uint32_t envp);
void exec_strings_free(struct exec_strings *strings);

/* Start the first program as the boot options say. Its number or an error. */
int exec_first(void);
