/* SPDX-License-Identifier: MIT */
/*
 * The walk looks for one component after the other, so that "..", what is no
 * directory, and a path's plain form come out as in Linux.
 */
#include "kernel/path.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux_file.h"
#include "kernel/initrd.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/mm.h"
#include "mm/object.h"

#define PROGRAM_LINK "/proc/self/exe"

/* Look for what found->path names now. */
static int look(struct found *found)
{
    if (found->path[0])
        return initrd_find(found->path, &found->source, &found->mode);
    found->source = source_of_buffer("", 0);
    found->mode = ABI_S_IFDIR | 0755;
    return 0;
}

static int walk(const char *path, struct found *found)
{
    uint32_t used = 0, length; /* of found->path, of a component */
    found->path[0] = '\0';
    int error = *path ? look(found) : -ENOENT;
    for (; !error && *path; path += length) {
        if ((found->mode & ABI_S_IFMT) != ABI_S_IFDIR)
            return -ENOTDIR;
        while (*path == '/')
            path++;
        for (length = 0; path[length] && path[length] != '/';)
            length++;
        if (length == 2 && !memcmp(path, "..", 2)) {
            while (used && found->path[--used] != '/')
                ;
        } else if (length && !(length == 1 && *path == '.')) {
            if (used + 1 + length + 1 > PATH_BYTES)
                return -ENAMETOOLONG;
            found->path[used] = '/';
            memcpy(found->path + used + 1, path, length);
            used += 1 + length;
        }
        found->path[used] = '\0';
        error = look(found);
    }
    return error;
}

int path_find(const char *path, bool follow, struct found *found)
{
    bool program = !strcmp(path, PROGRAM_LINK);
    if (program)
        path = current_task()->mm->program_path;
    if (program && !follow) {
        found->source = source_of_buffer(path, strlen(path));
        found->mode = ABI_S_IFLNK | 0777;
        return 0;
    }
    int error = walk(path, found);
    bool link = !error && (found->mode & ABI_S_IFMT) == ABI_S_IFLNK;
    return link && follow ? -ELOOP : error;
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
    if (text[0] != '/' && (int32_t)directory != ABI_AT_FDCWD) {
        *file = file_of(directory);
        if (!*file || (!text[0] && flags & ABI_AT_EMPTY_PATH))
            return *file ? 0 : -EBADF;
        file_put(*file);
        return text[0] ? -ENOTDIR : -ENOENT;
    }
    error = path_find(text, !(flags & ABI_AT_SYMLINK_NOFOLLOW), &found);
    if (error)
        return error;
    struct object *object = object_of_file(&found.source);
    *file = object ? file_create(object, found.mode, 0) : NULL;
    return *file ? 0 : -ENOMEM;
}
