/* SPDX-License-Identifier: MIT */
/*
 * Handles: the numbers by which a task names what it has opened. A table of
 * them is shared (CLONE_FILES) or copied by clone. An entry points to a struct
 * file, the open file description: what dup and fork share is that, position
 * and status flags included, while close-on-exec belongs to the entry.
 *
 * The table's lock is held for a few loads and stores and never over the use of
 * a file, which has a reference of its own meanwhile: so a handle that another
 * thread closes stays good for the call that has already looked it up.
 */
#pragma once

#include "kernel/mutex.h"
#include "kernel/types.h"

#define HANDLES_MAX 1000u /* in a table, whatever RLIMIT_NOFILE says */

struct handles;
struct object;

struct file {
    /* Fixed after creation. */
    uint32_t mode;         /* as in stat */
    struct object *object; /* its bytes, if any; NULL is the console */

    uint32_t references; /* atomic */
    uint32_t flags;      /* atomic: ABI_O_*: access, and fcntl's flags */

    struct mutex lock; /* the position; outer to an MM's lock */
    uint64_t position; /* means nothing on the console */
};

/*
 * A new open file that takes over the reference to the object, also when it
 * fails. NULL when memory is out.
 */
struct file *file_create(struct object *object, uint32_t mode, uint32_t flags);

/* The current task's file with that number, one more reference; or NULL. */
struct file *file_of(uint32_t handle);
void file_put(struct file *file);

/* A table with the console as 0, 1 and 2. NULL when memory is out. */
struct handles *handles_create_console(void);

/* Share it; a copy, 0 or -ENOMEM; give it up, NULL being none. */
struct handles *handles_get(struct handles *handles);
int handles_copy(struct handles *from, struct handles **copy);
void handles_put(struct handles *handles);

/*
 * Exec of the current task: it gets a table of its own, and what is to be
 * closed is. 0, or -ENOMEM with nothing changed.
 */
int handles_exec(void);

/* The rest works on the current task's table. */

/*
 * Name a file by the lowest free number from `lowest` on; takes over the
 * reference, also when it fails: -EMFILE, or -EINVAL if `lowest` is not below
 * the limit.
 */
int handle_add(struct file *file, uint32_t lowest, bool close_on_exec);

/* The same with just that number, closing what had it. -EBADF: too large. */
int handle_replace(struct file *file, uint32_t number, bool close_on_exec);

/* 0 or -EBADF. */
int handle_close(uint32_t number);

/* Whether exec closes a handle that file_of() has just found. */
bool handle_close_on_exec(uint32_t number);
