/* SPDX-License-Identifier: MIT */
/*
 * System calls that ask about files by path or handle. All answers are made
 * from one struct status; the three layouts differ only in where they put it.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_file.h"
#include "kernel/handle.h"
#include "kernel/path.h"
#include "kernel/string.h"
#include "kernel/sys_file.h"
#include "kernel/syscall.h"
#include "machine/uaccess.h"
#include "mm/object.h"

#define CONSOLE_MAJOR 5
#define CONSOLE_MINOR 1
#define ACCESS_ALL    (ABI_ACCESS_EXECUTE | ABI_ACCESS_WRITE | ABI_ACCESS_READ)

struct status {
    uint32_t mode, inode, size;
};

int find_at(uint32_t directory, uint32_t path, bool follow, struct found *found)
{
    char text[PATH_BYTES];
    int length = copy_string_from_user(text, user_ptr_at(path), sizeof(text));
    if (length < 0)
        return length;
    if (text[0] == '/' || (int32_t)directory == ABI_AT_FDCWD || !text[0])
        return path_find("", text, follow, found);
    struct file *file = file_of(directory);
    if (!file)
        return -EBADF;
    int error =
        file->path ? path_find(file->path, text, follow, found) : -ENOTDIR;
    file_put(file);
    return error;
}

uint32_t found_inode(const struct found *found)
{
    return (uint32_t)(found->source.start >> 2);
}

static int status_of_handle(uint32_t number, struct status *status)
{
    struct file *file = file_of(number);
    if (!file)
        return -EBADF;
    *status = (struct status){file->mode, file->inode,
                              file->object ? file->object->bytes : 0};
    file_put(file);
    return 0;
}

/* With AT_EMPTY_PATH an empty path, or none, is the directory handle itself. */
static int status_at(uint32_t directory, uint32_t path, uint32_t flags,
                     struct status *status)
{
    struct found found;
    char first = '\0';
    if (flags & ~(ABI_AT_SYMLINK_NOFOLLOW | ABI_AT_NO_AUTOMOUNT |
                  ABI_AT_EMPTY_PATH | ABI_AT_STATX_SYNC))
        return -EINVAL;
    if (flags & ABI_AT_EMPTY_PATH && path &&
        copy_from_user(&first, user_ptr_at(path), 1))
        return -EFAULT;
    bool empty = flags & ABI_AT_EMPTY_PATH && !first;
    if (empty && (int32_t)directory != ABI_AT_FDCWD)
        return status_of_handle(directory, status);
    bool follow = !(flags & ABI_AT_SYMLINK_NOFOLLOW);
    int error = empty ? path_find("", "/", true, &found)
                      : find_at(directory, path, follow, &found);
    if (!error)
        *status =
            (struct status){found.mode, found_inode(&found), found.source.size};
    return error;
}

static bool is_console(const struct status *status)
{
    return (status->mode & ABI_S_IFMT) == ABI_S_IFCHR;
}

/* Times are zero: the machine's files have none that mean anything. */
static int32_t put_stat64(uint32_t to, const struct status *status)
{
    struct abi_stat64 s = {
        .device = 1,
        .old_inode = status->inode,
        .inode = status->inode,
        .mode = status->mode,
        .links = 1,
        .special_device =
            is_console(status) ? CONSOLE_MAJOR << 8 | CONSOLE_MINOR : 0,
        .size = status->size,
        .block_bytes = PAGE_SIZE,
        .blocks = (status->size + (uint64_t)511) / 512};
    return copy_to_user(user_ptr_at(to), &s, sizeof(s));
}

/* fd, buffer */
int32_t sys_fstat64(const uint32_t *arg)
{
    struct status status;
    int error = status_of_handle(arg[0], &status);
    return error ? error : put_stat64(arg[1], &status);
}

static int32_t stat_at(uint32_t directory, uint32_t path, uint32_t to,
                       uint32_t flags)
{
    struct status status;
    int error = status_at(directory, path, flags, &status);
    return error ? error : put_stat64(to, &status);
}

/* path, buffer */
int32_t sys_stat64(const uint32_t *arg)
{
    return stat_at((uint32_t)ABI_AT_FDCWD, arg[0], arg[1], 0);
}

int32_t sys_lstat64(const uint32_t *arg)
{
    return stat_at((uint32_t)ABI_AT_FDCWD, arg[0], arg[1],
                   ABI_AT_SYMLINK_NOFOLLOW);
}

/* directory, path, buffer, flags */
int32_t sys_fstatat64(const uint32_t *arg)
{
    return stat_at(arg[0], arg[1], arg[2], arg[3]);
}

/* directory, path, flags, mask, buffer */
int32_t sys_statx(const uint32_t *arg)
{
    struct status status;
    if ((arg[2] & ABI_AT_STATX_SYNC) == ABI_AT_STATX_SYNC || arg[3] >> 31)
        return -EINVAL;
    int error = status_at(arg[0], arg[1], arg[2], &status);
    if (error)
        return error;
    struct abi_statx s = {
        .mask = ABI_STATX_BASIC,
        .block_bytes = PAGE_SIZE,
        .links = 1,
        .mode = (uint16_t)status.mode,
        .inode = status.inode,
        .size = status.size,
        .blocks = (status.size + (uint64_t)511) / 512,
        .special_major = is_console(&status) ? CONSOLE_MAJOR : 0,
        .special_minor = is_console(&status) ? CONSOLE_MINOR : 0,
        .device_minor = 1};
    return copy_to_user(user_ptr_at(arg[4]), &s, sizeof(s));
}

/* Everyone may do what the file system lets anyone do: read, run programs. */
static int32_t access_at(uint32_t directory, uint32_t path, uint32_t wanted)
{
    struct status status;
    if (wanted & ~ACCESS_ALL)
        return -EINVAL;
    int error = status_at(directory, path, 0, &status);
    if (error)
        return error;
    if (wanted & ABI_ACCESS_WRITE && !is_console(&status))
        return -EROFS;
    if (wanted & ABI_ACCESS_EXECUTE && !(status.mode & 0111))
        return -EACCES;
    return 0;
}

/* path, mode */
int32_t sys_access(const uint32_t *arg)
{
    return access_at((uint32_t)ABI_AT_FDCWD, arg[0], arg[1]);
}

/* directory, path, mode */
int32_t sys_faccessat(const uint32_t *arg)
{
    return access_at(arg[0], arg[1], arg[2]);
}

static int32_t read_link(uint32_t directory, uint32_t path, uint32_t to,
                         uint32_t bytes)
{
    struct found found;
    char target[PATH_BYTES];
    if ((int32_t)bytes <= 0)
        return -EINVAL;
    int error = find_at(directory, path, false, &found);
    if (error)
        return error;
    if ((found.mode & ABI_S_IFMT) != ABI_S_IFLNK)
        return -EINVAL;
    if (bytes > found.source.size)
        bytes = found.source.size;
    if (bytes > sizeof(target))
        bytes = sizeof(target);
    error = source_read(&found.source, 0, target, bytes);
    if (!error)
        error = copy_to_user(user_ptr_at(to), target, bytes);
    return error ? error : (int32_t)bytes;
}

/* path, buffer, its size */
int32_t sys_readlink(const uint32_t *arg)
{
    return read_link((uint32_t)ABI_AT_FDCWD, arg[0], arg[1], arg[2]);
}

/* directory, path, buffer, its size */
int32_t sys_readlinkat(const uint32_t *arg)
{
    return read_link(arg[0], arg[1], arg[2], arg[3]);
}

/* buffer, its size: the root is where everyone is. */
int32_t sys_getcwd(const uint32_t *arg)
{
    static const char root[] = "/";
    if (arg[1] < sizeof(root))
        return -ERANGE;
    if (copy_to_user(user_ptr_at(arg[0]), root, sizeof(root)))
        return -EFAULT;
    return sizeof(root);
}
