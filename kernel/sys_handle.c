/* SPDX-License-Identifier: MIT */
/*
 * System calls about handles themselves: open and close, copies, flags, and
 * the little that the console answers as a terminal. All files are those of
 * the initrd and read-only; memory objects are made here, to be mapped.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_file.h"
#include "kernel/handle.h"
#include "kernel/path.h"
#include "kernel/sys_file.h"
#include "kernel/syscall.h"
#include "machine/uaccess.h"
#include "mm/object.h"

#define SETTABLE (ABI_O_APPEND | ABI_O_NONBLOCK) /* by fcntl */

/* Where a path that is not absolute starts: 0 at the root. */
static int check_start(uint32_t directory)
{
    if ((int32_t)directory == ABI_AT_FDCWD)
        return 0;
    struct file *file = file_of(directory);
    if (!file)
        return -EBADF;
    bool is_directory = (file->mode & ABI_S_IFMT) == ABI_S_IFDIR;
    file_put(file);
    return is_directory ? -ENOSYS : -ENOTDIR;
}

int file_at(uint32_t directory, uint32_t path, uint32_t flags,
            struct file **file)
{
    char text[PATH_BYTES];
    struct found found;
    if (flags & ~ABI_AT_KNOWN)
        return -EINVAL;
    int error = copy_string_from_user(text, user_ptr_at(path), sizeof(text));
    if (error < 0)
        return error;
    if (!text[0] && flags & ABI_AT_EMPTY_PATH) {
        *file = file_of(directory);
        return *file ? 0 : -EBADF;
    }
    error = text[0] && text[0] != '/' ? check_start(directory) : 0;
    if (!error)
        error = path_find(text, !(flags & ABI_AT_SYMLINK_NOFOLLOW), &found);
    if (error)
        return error;
    struct object *object = object_of_file(&found.source);
    *file = object ? file_create(object, found.mode, 0) : NULL;
    return *file ? 0 : -ENOMEM;
}

/* Whether what was found may be opened so. */
static int check_open(uint32_t mode, uint32_t flags)
{
    uint32_t type = mode & ABI_S_IFMT;
    bool writes = flags & (ABI_O_ACCESS | ABI_O_TRUNC);
    if (flags & ABI_O_CREAT && flags & ABI_O_EXCL)
        return -EEXIST;
    if (type == ABI_S_IFLNK)
        return -ELOOP;
    if (type != ABI_S_IFDIR)
        return flags & ABI_O_DIRECTORY ? -ENOTDIR : writes ? -EROFS : 0;
    return writes || flags & ABI_O_CREAT ? -EISDIR : 0;
}

/* directory, path, flags, mode */
int32_t sys_openat(const uint32_t *arg)
{
    struct file *file;
    uint32_t flags = arg[2];
    bool link =
        flags & ABI_O_NOFOLLOW || (flags & ABI_O_CREAT && flags & ABI_O_EXCL);
    int error =
        file_at(arg[0], arg[1], link ? ABI_AT_SYMLINK_NOFOLLOW : 0, &file);
    if (error)
        return error == -ENOENT && flags & ABI_O_CREAT ? -EROFS : error;
    error = check_open(file->mode, flags);
    if (error) {
        file_put(file);
        return error;
    }
    file->flags = flags & (SETTABLE | ABI_O_LARGEFILE);
    return handle_add(file, 0, flags & ABI_O_CLOEXEC);
}

/* path, flags, mode */
int32_t sys_open(const uint32_t *arg)
{
    return sys_openat((uint32_t[]){(uint32_t)ABI_AT_FDCWD, arg[0], arg[1]});
}

/* name, flags: the name is only for show, and nothing shows it. */
int32_t sys_memfd_create(const uint32_t *arg)
{
    char name[ABI_MFD_NAME + 1];
    if (arg[1] & ~ABI_MFD_CLOEXEC)
        return -EINVAL;
    int error = copy_string_from_user(name, user_ptr_at(arg[0]), sizeof(name));
    if (error < 0)
        return error == -EFAULT ? error : -EINVAL;
    struct object *object = object_create(0);
    struct file *file = object ? file_create(object, ABI_S_IFREG | 0777,
                                             ABI_O_RDWR | ABI_O_LARGEFILE)
                               : NULL;
    return file ? handle_add(file, 0, arg[1] & ABI_MFD_CLOEXEC) : -ENOMEM;
}

int32_t sys_close(const uint32_t *arg)
{
    return handle_close(arg[0]);
}

int32_t sys_dup(const uint32_t *arg)
{
    struct file *file = file_of(arg[0]);
    return file ? handle_add(file, 0, false) : -EBADF;
}

/* old, new, flags */
int32_t sys_dup3(const uint32_t *arg)
{
    if (arg[2] & ~ABI_O_CLOEXEC || arg[0] == arg[1])
        return -EINVAL;
    struct file *file = file_of(arg[0]);
    return file ? handle_replace(file, arg[1], arg[2]) : -EBADF;
}

/* old, new: may be the same, then only the check is made. */
int32_t sys_dup2(const uint32_t *arg)
{
    struct file *file = file_of(arg[0]);
    if (!file)
        return -EBADF;
    if (arg[0] != arg[1])
        return handle_replace(file, arg[1], false);
    file_put(file);
    return (int32_t)arg[1];
}

/* fd, command, argument */
int32_t sys_fcntl64(const uint32_t *arg)
{
    struct file *file = file_of(arg[0]);
    if (!file)
        return -EBADF;
    int32_t result = 0;
    switch (arg[1]) {
    case ABI_F_DUPFD:
    case ABI_F_DUPFD_CLOEXEC:
        return handle_add(file, arg[2], arg[1] == ABI_F_DUPFD_CLOEXEC);
    case ABI_F_GETFD:
        result = handle_close_on_exec(arg[0]);
        break;
    case ABI_F_SETFD:
        handle_set_close_on_exec(arg[0], arg[2] & 1);
        break;
    case ABI_F_GETFL:
        result = (int32_t)file->flags;
        break;
    case ABI_F_SETFL: /* two at once: one of them is it */
        file->flags = (file->flags & ~SETTABLE) | (arg[2] & SETTABLE);
        break;
    default:
        result = -EINVAL;
    }
    file_put(file);
    return result;
}

int32_t sys_fcntl(const uint32_t *arg)
{
    return sys_fcntl64(arg);
}

/* What a terminal answers that edits lines and echoes, at 38400 baud. */
static const struct abi_termios terminal = {
    .input = 0x500,
    .output = 5,
    .control = 0xbf,
    .local = 0x8a3b,
    .characters = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22}};
static const struct abi_window window = {.rows = 25, .columns = 80};

/* fd, request, where */
int32_t sys_ioctl(const uint32_t *arg)
{
    struct file *file = file_of(arg[0]);
    if (!file)
        return -EBADF;
    bool console = !file->object;
    file_put(file);
    if (console && arg[1] == ABI_TCGETS)
        return copy_to_user(user_ptr_at(arg[2]), &terminal, sizeof(terminal));
    if (console && arg[1] == ABI_TIOCGWINSZ)
        return copy_to_user(user_ptr_at(arg[2]), &window, sizeof(window));
    return -ENOTTY;
}
