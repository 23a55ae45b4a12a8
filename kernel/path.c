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
#include "mm/slab.h"

#define PROGRAM_LINK "/proc/self/exe"
#define LINKS_MAX    40 /* on one walk, as in Linux */

static struct slab_cache path_cache = SLAB_CACHE("paths", PATH_BYTES, 4);

char *path_keep(const char *path)
{
    char *copy = slab_alloc(&path_cache);
    if (copy)
        string_copy(copy, path, PATH_BYTES);
    return copy;
}

void path_free(char *path)
{
    slab_free(&path_cache, path);
}

static bool is(const struct found *found, uint32_t type)
{
    return (found->mode & ABI_S_IFMT) == type;
}

/* Put the target of the link that was found before the rest of the path. */
static int follow_link(struct found *found, char *ahead, const char *rest)
{
    uint32_t length = found->source.size, tail = strlen(rest) + 1;
    if (length + tail > PATH_BYTES)
        return -ENAMETOOLONG;
    if (!length)
        return -ENOENT;
    memmove(ahead + length, rest, tail);
    return source_read(&found->source, 0, ahead, length);
}

static void go_up(char *path)
{
    char *slash = path;
    for (char *c = path; *c; c++)
        if (*c == '/')
            slash = c;
    *slash = '\0';
}

/* Append the component at `name` and look for it. */
static int go_down(struct found *found, const char *name, uint32_t length)
{
    uint32_t used = strlen(found->path);
    if (used + 1 + length + 1 > PATH_BYTES)
        return -ENAMETOOLONG;
    found->path[used] = '/';
    memcpy(found->path + used + 1, name, length);
    found->path[used + 1 + length] = '\0';
    return initrd_find(found->path, &found->source, &found->mode);
}

/* What the walk has come to, after a step that was not down. */
static int look(struct found *found)
{
    if (found->path[0])
        return initrd_find(found->path, &found->source, &found->mode);
    found->source = source_of_buffer("", 0);
    found->mode = ABI_S_IFDIR | 0755;
    return 0;
}

/* One component, which ends at `rest`; *ahead becomes what to do next. */
static int step(struct found *found, char *buffer, const char **ahead,
                const char *rest, bool follow)
{
    const char *name = *ahead;
    uint32_t length = (uint32_t)(rest - name);
    *ahead = rest;
    if (length <= 2 && !memcmp(name, "..", length)) {
        if (length == 2)
            go_up(found->path);
        return look(found);
    }
    int error = go_down(found, name, length);
    if (error)
        return error;
    if (is(found, ABI_S_IFLNK) && (follow || *rest)) {
        error = follow_link(found, buffer, rest);
        go_up(found->path);
        *ahead = buffer;
        if (*buffer == '/')
            found->path[0] = '\0';
        return error ? error : look(found);
    }
    return *rest && !is(found, ABI_S_IFDIR) ? -ENOTDIR : 0;
}

int path_find(const char *base, const char *path, bool follow,
              struct found *found)
{
    char buffer[PATH_BYTES];
    if (!strcmp(path, PROGRAM_LINK)) {
        path = current_task()->mm->program_path;
        if (!follow) {
            found->source = source_of_buffer(path, strlen(path));
            found->mode = ABI_S_IFLNK | 0777;
            return 0;
        }
    }
    if (!*path)
        return -ENOENT;
    if (strlen(path) >= PATH_BYTES)
        return -ENAMETOOLONG;
    string_copy(buffer, path, sizeof(buffer));
    string_copy(found->path, *path == '/' ? "" : base, PATH_BYTES);
    int error = look(found);
    const char *ahead = buffer;
    for (uint32_t links = 0; !error && *ahead;) {
        const char *rest = ahead;
        if (*ahead == '/') {
            ahead++;
            continue;
        }
        while (*rest && *rest != '/')
            rest++;
        error = step(found, buffer, &ahead, rest, follow);
        if (ahead == buffer && ++links > LINKS_MAX)
            return -ELOOP;
    }
    return error;
}
