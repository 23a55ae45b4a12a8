/* SPDX-License-Identifier: MIT */
/*
 * Paths: walked component by component through the files of the initrd, all
 * from the root. There is one name more than the initrd has: /proc/self/exe, a
 * link to the running program's file, and the only link that is followed.
 */
#pragma once

#include "kernel/handle.h"
#include "kernel/source.h"

#define PATH_BYTES 256 /* of a path with its end; more is -ENAMETOOLONG */

struct found {
    struct source source;  /* its bytes; of a link, the target's path */
    uint32_t mode;         /* as in stat */
    char path[PATH_BYTES]; /* absolute, without links; "" is the root */
};

/*
 * Find what `path` names; one without a slash before it starts at the root,
 * too. A link at its end is what is found, or with `follow` -ELOOP. Also
 * -ENOENT, -ENOTDIR, -ENAMETOOLONG. Takes no lock; does not sleep.
 */
int path_find(const char *path, bool follow, struct found *found);

/*
 * Open the file that a path in user memory names, without giving it a handle.
 * Of the flags ABI_AT_*, SYMLINK_NOFOLLOW finds a link itself, and EMPTY_PATH
 * lets an empty path name the file of the handle `directory`. Else `directory`
 * only counts if it is not ABI_AT_FDCWD and the path not absolute: no handle is
 * a place to start from (-ENOTDIR). Also -EFAULT, -EBADF, -ENOMEM, -EINVAL. May
 * sleep.
 */
int file_at(uint32_t directory, uint32_t path, uint32_t flags,
            struct file **file);
