/* SPDX-License-Identifier: MIT */
/* What the files with system calls about files share. */
#ifndef KERNEL_SYS_FILE_H
#define KERNEL_SYS_FILE_H

#include "kernel/handle.h"

/*
 * Open the file that a path in user memory names, without giving it a handle.
 * Of the flags ABI_AT_*, SYMLINK_NOFOLLOW opens a link itself, and EMPTY_PATH
 * lets an empty path name the file of the handle `directory`. The path must be
 * absolute, or `directory` ABI_AT_FDCWD: handles of directories are no places
 * to start from (-ENOSYS). Errors of path_find(), -EFAULT, -EBADF, -ENOMEM,
 * -EINVAL: an unknown flag. May sleep.
 */
int file_at(uint32_t directory, uint32_t path, uint32_t flags,
            struct file **file);

#endif
