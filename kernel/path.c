/* SPDX-License-Identifier: MIT */
/*
 * The walk keeps two strings: where it has come to, an absolute path without
 * links, and what is still ahead. A link's target is put before what is ahead
 * of it; nothing recurses, so a path costs the stack the same however many
 * links it has.
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
#define LINKS_MAX    40 /* on one walk, as in Linux */

/* Look for what found->path names now. */
static int look(struct found *found)
{
    if (found->path[0])
        return initrd_find(found->path, &found->source, &found->mode);
    found->source = source_of_buffer("", 0);
    found->mode = ABI_S_IFDIR | 0755;
    return 0;
}

/* Go on to a component, which may be empty; true if not back nor on the spot.
 */
static int step(struct found *found, const char *name, uint32_t length)
{
    uint32_t used = strlen(found->path);
    if (length == 2 && !memcmp(name, "..", 2)) {
        while (used && found->path[--used] != '/')
            ;
    } else if (length && !(length == 1 && *name == '.')) {
        if (used + 1 + length + 1 > PATH_BYTES)
            return -ENAMETOOLONG;
        found->path[used] = '/';
        memcpy(found->path + used + 1, name, length);
        used += 1 + length;
    }
    found->path[used] = '\0';
    return look(found);
}

/* Put the target of the link that was found before the rest of the path. */
static int follow_link(struct found *found, char *ahead, const char *rest)
{
    uint32_t length = found->source.size, tail = strlen(rest) + 1;
    if (length + tail > PATH_BYTES)
        return -ENAMETOOLONG;
    memmove(ahead + length, rest, tail);
    int error = source_read(&found->source, 0, ahead, length);
    if (error)
        return error;
    if (*ahead == '/')
        found->path[0] = '\0';
    return step(found, "..", 2);
}

static int walk(const char *path, bool follow, struct found *found)
{
    char buffer[PATH_BYTES];
    uint32_t links = 0;
    if (!*path)
        return -ENOENT;
    if (!string_copy(buffer, path, sizeof(buffer)))
        return -ENAMETOOLONG;
    found->path[0] = '\0';
    for (const char *rest, *ahead = buffer; *ahead; ahead = rest) {
        for (rest = ahead; *rest && *rest != '/';)
            rest++;
        int error = step(found, ahead, (uint32_t)(rest - ahead));
        uint32_t type = found->mode & ABI_S_IFMT;
        if (!error && type == ABI_S_IFLNK && (follow || *rest)) {
            error =
                ++links > LINKS_MAX ? -ELOOP : follow_link(found, buffer, rest);
            rest = buffer;
        } else if (!error && type != ABI_S_IFDIR && *rest) {
            error = -ENOTDIR;
        }
        if (error)
            return error;
        while (*rest == '/')
            rest++;
    }
    return 0;
}

int path_find(const char *path, bool follow, struct found *found)
{
    if (!strcmp(path, PROGRAM_LINK)) {
        path = current_task()->mm->program_path;
        if (!follow) {
            found->source = source_of_buffer(path, strlen(path));
            found->mode = ABI_S_IFLNK | 0777;
            return 0;
        }
    }
    return walk(path, follow, found);
}
