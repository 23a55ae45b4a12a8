/* SPDX-License-Identifier: MIT */
/*
 * System calls that ask about files. All are asked of an open file: one that
 * is named by a path is opened for as long as the answer takes.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_file.h"
#include "kernel/handle.h"
#include "kernel/path.h"
#include "kernel/sys_file.h"
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

/* Times are zero: the machine's files have none that mean anything. */
static int32_t put_stat64(struct file *file, uint32_t to)
{
    struct abi_stat64 s = {.device = 1,
                           .old_inode = inode_of(file),
                           .inode = inode_of(file),
                           .mode = file->mode,
                           .links = 1,
                           .block_bytes = PAGE_SIZE};
    if (file->object) {
        s.size = file->object->bytes;
        s.blocks = (file->object->bytes + (uint64_t)511) / 512;
    } else {
        s.special_device = CONSOLE_MAJOR << 8 | CONSOLE_MINOR;
    }
    file_put(file);
    return copy_to_user(user_ptr_at(to), &s, sizeof(s));
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
    if (arg[3] >> 31)
        return -EINVAL;
    int error = file_at(arg[0], arg[1], arg[2], &file);
    if (error)
        return error;
    struct abi_statx s = {.mask = ABI_STATX_BASIC,
                          .block_bytes = PAGE_SIZE,
                          .links = 1,
                          .mode = (uint16_t)file->mode,
                          .inode = inode_of(file),
                          .device_minor = 1};
    if (file->object) {
        s.size = file->object->bytes;
        s.blocks = (file->object->bytes + (uint64_t)511) / 512;
    } else {
        s.special_major = CONSOLE_MAJOR;
        s.special_minor = CONSOLE_MINOR;
    }
    file_put(file);
    return copy_to_user(user_ptr_at(arg[4]), &s, sizeof(s));
}

/* directory, path, mode: everyone may read, and run what is a program. */
int32_t sys_faccessat(const uint32_t *arg)
{
    struct file *file;
    if (arg[2] & ~ABI_ACCESS_ALL)
        return -EINVAL;
    int error = file_at(arg[0], arg[1], 0, &file);
    if (error)
        return error;
    if (arg[2] & ABI_ACCESS_WRITE)
        error = -EROFS;
    else if (arg[2] & ABI_ACCESS_EXECUTE && !(file->mode & 0111))
        error = -EACCES;
    file_put(file);
    return error;
}

/* path, mode */
int32_t sys_access(const uint32_t *arg)
{
    return sys_faccessat((uint32_t[]){(uint32_t)ABI_AT_FDCWD, arg[0], arg[1]});
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
                 ? object_copy(file->object, 0, target, bytes, true)
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

/* buffer, its size: the root is where everyone is. */
int32_t sys_getcwd(const uint32_t *arg)
{
    static const char root[] = "/";
    if (arg[1] < sizeof(root))
        return -ERANGE;
    return copy_to_user(user_ptr_at(arg[0]), root, sizeof(root))
               ? -EFAULT
               : (int32_t)sizeof(root);
}
