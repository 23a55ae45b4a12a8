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
#include "kernel/syscall.h"
#include "machine/uaccess.h"
#include "mm/object.h"

#define SETTABLE (ABI_O_APPEND | ABI_O_NONBLOCK) /* by fcntl */

/* directory, path, flags, mode */
int32_t sys_openat(const uint32_t *arg)
{
    struct file *file;
    uint32_t flags = arg[2];
    bool writes = flags & (ABI_O_ACCESS | ABI_O_TRUNC);
    bool creates = flags & ABI_O_CREAT;
    int error = file_at(arg[0], arg[1], 0, &file);
    if (error)
        return error == -ENOENT && creates ? -EROFS : error;
    bool directory = (file->mode & ABI_S_IFMT) == ABI_S_IFDIR;
    if (creates && flags & ABI_O_EXCL)
        error = -EEXIST;
    else if (directory && (writes || creates))
        error = -EISDIR;
    else if (!directory && flags & ABI_O_DIRECTORY)
        error = -ENOTDIR;
    else if (writes)
        error = -EROFS;
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
    return sys_fcntl64((uint32_t[]){arg[0], ABI_F_DUPFD, 0});
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
    case ABI_F_SETFD: /* the same file once more, marked or not */
        result = handle_replace(file, arg[0], arg[2] & 1);
        return result < 0 ? result : 0;
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
