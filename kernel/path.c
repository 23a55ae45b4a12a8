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
#include "mm/mm.h"

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
