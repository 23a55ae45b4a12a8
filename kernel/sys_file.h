/* SPDX-License-Identifier: MIT */
/* What the files with system calls about files share. */
#ifndef KERNEL_SYS_FILE_H
#define KERNEL_SYS_FILE_H

#include "kernel/path.h"

/*
 * path_find() for a path in user memory, from an open directory or
 * ABI_AT_FDCWD. Also -EFAULT, -EBADF. May sleep.
 */
int find_at(uint32_t directory, uint32_t path, bool follow,
            struct found *found);

/* Its number: where its bytes lie, which no two files share. */
uint32_t found_inode(const struct found *found);

#endif
