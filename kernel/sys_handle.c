/* SPDX-License-Identifier: MIT */
/*
 * System calls about handles themselves: open and close, copies, flags, and
 * the little that the console answers as a terminal. All files are those of
 * the initrd and read-only; memory objects are made here and can be written.
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

/* O_* that fcntl can change, and those that only open itself looks at. */
#define SETTABLE \
    (ABI_O_APPEND | ABI_O_NONBLOCK | ABI_O_ASYNC | ABI_O_DIRECT | ABI_O_NOATIME)
#define ONLY_OPEN \
    (ABI_O_CREAT | ABI_O_EXCL | ABI_O_NOCTTY | ABI_O_TRUNC | ABI_O_CLOEXEC)
#define WITH_PATH (ABI_O_PATH | ABI_O_DIRECTORY | ABI_O_NOFOLLOW)

/* Whether what was found may be opened so. */
static int check_open(const struct found *found, uint32_t flags)
{
    uint32_t type = found->mode & ABI_S_IFMT;
    bool writes = flags & (ABI_O_ACCESS | ABI_O_TRUNC);
    if ((flags & ABI_O_CREAT) && (flags & ABI_O_EXCL))
        return -EEXIST;
    if (type == ABI_S_IFLNK && !(flags & ABI_O_PATH))
        return -ELOOP;
    if (type != ABI_S_IFDIR && flags & ABI_O_DIRECTORY)
        return -ENOTDIR;
    if (type == ABI_S_IFDIR && (writes || flags & ABI_O_CREAT))
        return -EISDIR;
    if (type != ABI_S_IFDIR && type != ABI_S_IFREG && type != ABI_S_IFLNK)
        return -ENXIO; /* a device that nobody drives */
    return writes ? -EROFS : 0;
}

static int32_t open_at(uint32_t directory, uint32_t path, uint32_t flags)
{
    struct found found;
    if (flags & ABI_O_PATH)
        flags &= WITH_PATH | ABI_O_CLOEXEC;
    bool follow = !(flags & ABI_O_NOFOLLOW) &&
                  !(flags & ABI_O_CREAT && flags & ABI_O_EXCL);
    int error = find_at(directory, path, follow, &found);
    if (error == -ENOENT && flags & ABI_O_CREAT)
        error = -EROFS;
    if (!error)
        error = check_open(&found, flags);
    if (error)
        return error;
    struct file wanted = {.mode = found.mode,
                          .inode = found_inode(&found),
                          .flags = flags & ~ONLY_OPEN};
    if ((found.mode & ABI_S_IFMT) == ABI_S_IFDIR)
        wanted.path = path_keep(found.path);
    else
        wanted.object = object_of_file(&found.source);
    if (!wanted.path && !wanted.object)
        return -ENOMEM;
    struct file *file = file_create(&wanted);
    return file ? handle_add(file, 0, flags & ABI_O_CLOEXEC) : -ENOMEM;
}

/* path, flags, mode */
int32_t sys_open(const uint32_t *arg)
{
    return open_at((uint32_t)ABI_AT_FDCWD, arg[0], arg[1]);
}

/* directory, path, flags, mode */
int32_t sys_openat(const uint32_t *arg)
{
    return open_at(arg[0], arg[1], arg[2]);
}

/* name, flags: the name is only for show, and nothing shows it. */
int32_t sys_memfd_create(const uint32_t *arg)
{
    char name[ABI_MFD_NAME + 1];
    if (arg[1] & ~(ABI_MFD_CLOEXEC | ABI_MFD_ALLOW_SEALING))
        return -EINVAL;
    int error = copy_string_from_user(name, user_ptr_at(arg[0]), sizeof(name));
    if (error < 0)
        return error == -ENAMETOOLONG ? -EINVAL : error;
    struct object *object = object_create(0);
    if (!object)
        return -ENOMEM;
    struct file *file =
        file_create(&(struct file){.mode = ABI_S_IFREG | 0777,
                                   .inode = (uint32_t)(uintptr_t)object,
                                   .object = object,
                                   .flags = ABI_O_RDWR | ABI_O_LARGEFILE});
    return file ? handle_add(file, 0, arg[1] & ABI_MFD_CLOEXEC) : -ENOMEM;
}

int32_t sys_close(const uint32_t *arg)
{
    return handle_close(arg[0]);
}

static int32_t duplicate(uint32_t number, uint32_t lowest, bool close_on_exec)
{
    struct file *file = file_of(number);
    return file ? handle_add(file, lowest, close_on_exec) : -EBADF;
}

int32_t sys_dup(const uint32_t *arg)
{
    return duplicate(arg[0], 0, false);
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
    bool only_path = file->flags & ABI_O_PATH;
    int32_t result = 0;
    switch (arg[1]) {
    case ABI_F_DUPFD:
    case ABI_F_DUPFD_CLOEXEC:
        return handle_add(file, arg[2], arg[1] == ABI_F_DUPFD_CLOEXEC);
    case ABI_F_GETFD:
    case ABI_F_SETFD:
        result =
            handle_close_on_exec(arg[0], arg[1] == ABI_F_SETFD, arg[2] & 1);
        if (arg[1] == ABI_F_SETFD && result > 0)
            result = 0;
        break;
    case ABI_F_GETFL:
        result = (int32_t)file->flags;
        break;
    case ABI_F_SETFL:
        if (only_path)
            result = -EBADF;
        else /* two at once: one of them is it */
            file->flags = (file->flags & ~SETTABLE) | (arg[2] & SETTABLE);
        break;
    default:
        result = only_path ? -EBADF : -EINVAL;
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
    bool console = (file->mode & ABI_S_IFMT) == ABI_S_IFCHR;
    bool only_path = file->flags & ABI_O_PATH;
    file_put(file);
    if (only_path)
        return -EBADF;
    if (console && arg[1] == ABI_TCGETS)
        return copy_to_user(user_ptr_at(arg[2]), &terminal, sizeof(terminal));
    if (console && arg[1] == ABI_TIOCGWINSZ)
        return copy_to_user(user_ptr_at(arg[2]), &window, sizeof(window));
    return -ENOTTY;
}

int32_t sys_umask(const uint32_t *arg)
{
    return (int32_t)handles_umask(arg[0] & 0777);
}
