/* SPDX-License-Identifier: MIT */
/*
 * System calls that ask about files. All are asked of an open file: one that
 * is named by a path is opened for as long as the answer takes.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_file.h"
#include "kernel/handle.h"
#include "kernel/path.h"
#include "kernel/syscall.h"
#include "machine/uaccess.h"
#include "mm/object.h"

#define CONSOLE_MAJOR 5
#define CONSOLE_MINOR 1

/* Any number that no other file has meanwhile, the same at each opening. */
static uint32_t inode_of(const struct file *file)
{
    phys_t start = file->object ? file->object->file.start : 0;
    return start ? (uint32_t)(start >> 2) : (uint32_t)(uintptr_t)file->object;
}

/* The answer to all. Times are zero: files have none that mean anything. */
static void status_of(struct file *file, struct abi_statx *s)
{
    *s = (struct abi_statx){.mask = ABI_STATX_BASIC,
                            .block_bytes = PAGE_SIZE,
                            .links = 1,
                            .mode = (uint16_t)file->mode,
                            .inode = inode_of(file),
                            .device_minor = 1};
    if (file->object) {
        s->size = file->object->bytes;
        s->blocks = (s->size + 511) / 512;
    } else {
        s->special_major = CONSOLE_MAJOR;
        s->special_minor = CONSOLE_MINOR;
    }
    file_put(file);
}

static int32_t put_stat64(struct file *file, uint32_t to)
{
    struct abi_statx s;
    status_of(file, &s);
    struct abi_stat64 old = {.device = s.device_minor,
                             .old_inode = (uint32_t)s.inode,
                             .inode = s.inode,
                             .mode = s.mode,
                             .links = s.links,
                             .special_device =
                                 s.special_major << 8 | s.special_minor,
                             .size = (int64_t)s.size,
                             .block_bytes = s.block_bytes,
                             .blocks = s.blocks};
    return copy_to_user(user_ptr_at(to), &old, sizeof(old));
}

/* fd, buffer */
int32_t sys_fstat64(const uint32_t *arg)
{
    struct file *file = file_of(arg[0]);
    return file ? put_stat64(file, arg[1]) : -EBADF;
}

/* directory, path, buffer, flags */
int32_t sys_fstatat64(const uint32_t *arg)
{
    struct file *file;
    int error = file_at(arg[0], arg[1], arg[3], &file);
    return error ? error : put_stat64(file, arg[2]);
}

/* path, buffer */
int32_t sys_stat64(const uint32_t *arg)
{
    return sys_fstatat64(
        (uint32_t[]){(uint32_t)ABI_AT_FDCWD, arg[0], arg[1], 0});
}

int32_t sys_lstat64(const uint32_t *arg)
{
    return sys_fstatat64((uint32_t[]){(uint32_t)ABI_AT_FDCWD, arg[0], arg[1],
                                      ABI_AT_SYMLINK_NOFOLLOW});
}

/* directory, path, flags, mask, buffer */
int32_t sys_statx(const uint32_t *arg)
{
    struct file *file;
    struct abi_statx s;
    if (arg[3] >> 31)
        return -EINVAL;
    int error = file_at(arg[0], arg[1], arg[2], &file);
    if (error)
        return error;
    status_of(file, &s);
    return copy_to_user(user_ptr_at(arg[4]), &s, sizeof(s));
}

/* directory, path, buffer, its size */
int32_t sys_readlinkat(const uint32_t *arg)
{
    struct file *file;
    char target[PATH_BYTES];
    if ((int32_t)arg[3] <= 0)
        return -EINVAL;
    int result = file_at(arg[0], arg[1], ABI_AT_SYMLINK_NOFOLLOW, &file);
    if (result)
        return result;
    uint32_t bytes = arg[3] < PATH_BYTES ? arg[3] : PATH_BYTES;
    result = (file->mode & ABI_S_IFMT) == ABI_S_IFLNK
                 ? object_read(file->object, 0, target, bytes)
                 : -EINVAL;
    file_put(file);
    if (result > 0 &&
        copy_to_user(user_ptr_at(arg[2]), target, (uint32_t)result))
        return -EFAULT;
    return result;
}

/* path, buffer, its size */
int32_t sys_readlink(const uint32_t *arg)
{
    return sys_readlinkat(
        (uint32_t[]){(uint32_t)ABI_AT_FDCWD, arg[0], arg[1], arg[2]});
}
