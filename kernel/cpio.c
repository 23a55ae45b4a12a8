/* SPDX-License-Identifier: MIT */
/*
 * An entry is a header of 110 ASCII characters (six of magic, then 13 numbers
 * of eight hexadecimal digits), the path, and the bytes, the last two padded
 * to multiples of four (cpio(5), "New ASCII Format"). The entry "TRAILER!!!"
 * ends an archive; zeros behind it, up to the next archive or the end, are
 * padding. Sums of sizes are made in 64 bits, where they cannot wrap. Each call
 * moves on by at least a header, so reading always ends.
 */
#include "kernel/cpio.h"

#include "kernel/abi/errno.h"
#include "kernel/string.h"

#define MAGIC_LENGTH 6
#define DIGITS       8
#define FIELDS       13
#define HEADER_BYTES (MAGIC_LENGTH + FIELDS * DIGITS)

/* Places of the numbers that matter here. */
enum field {
    FIELD_INODE = 0,
    FIELD_MODE = 1,
    FIELD_LINKS = 4,
    FIELD_SIZE = 6,
    FIELD_NAME_SIZE = 11,
};

static uint64_t align4(uint64_t n)
{
    return (n + 3) & ~(uint64_t)3;
}

/* The numbers of a header, whose digits may be of either case. */
static int read_header(const struct source *archive, uint32_t position,
                       uint32_t field[FIELDS])
{
    char text[HEADER_BYTES];
    if (source_read(archive, position, text, sizeof(text)))
        return -EINVAL;
    if (memcmp(text, "070701", MAGIC_LENGTH) &&
        memcmp(text, "070702", MAGIC_LENGTH))
        return -EINVAL;
    for (int i = 0; i < FIELDS * DIGITS; i++) {
        uint32_t digit = digit_value(text[MAGIC_LENGTH + i]);
        if (digit > 15)
            return -EINVAL;
        field[i / DIGITS] = field[i / DIGITS] << 4 | digit;
    }
    return 0;
}

const char *cpio_skip_separators(const char *path)
{
    for (;;) {
        if (path[0] == '/')
            path++;
        else if (path[0] == '.' && (path[1] == '/' || !path[1]))
            path++;
        else
            return path;
    }
}

/* Read a path of `size` bytes, its end included, and drop "./" and "/". */
static int read_path(const struct source *archive, uint32_t position,
                     uint32_t size, char *path)
{
    if (source_read(archive, position, path, size) || path[size - 1] ||
        strlen(path) != size - 1)
        return -EINVAL;
    const char *rest = cpio_skip_separators(path);
    memmove(path, rest, strlen(rest) + 1);
    return 0;
}

/* The first byte from `position` on that is not 0, or the archive's end. */
static uint32_t skip_zeros(const struct source *archive, uint32_t position)
{
    char chunk[64];
    while (position < archive->size) {
        uint32_t bytes = archive->size - position;
        if (bytes > sizeof(chunk))
            bytes = sizeof(chunk);
        if (source_read(archive, position, chunk, bytes))
            return archive->size;
        for (uint32_t i = 0; i < bytes; i++) {
            if (chunk[i])
                return position + i;
        }
        position += bytes;
    }
    return position;
}

static bool is_trailer(const struct cpio_entry *entry)
{
    return !entry->size && !strcmp(entry->path, "TRAILER!!!");
}

/* One entry, trailers included; *next is set to the place behind it. */
static int read_entry(const struct source *archive, uint32_t position,
                      struct cpio_entry *entry, uint32_t *next)
{
    uint32_t field[FIELDS] = {0};
    if (read_header(archive, position, field))
        return -EINVAL;
    uint32_t name_size = field[FIELD_NAME_SIZE];
    uint32_t size = field[FIELD_SIZE];
    uint64_t data = position + align4((uint64_t)HEADER_BYTES + name_size);
    uint64_t end = data + size;
    if (name_size == 0 || end > archive->size)
        return -EINVAL;

    /* The archive may end without the last entry's padding. */
    uint64_t behind = data + align4(size);
    *next = behind < archive->size ? (uint32_t)behind : archive->size;
    if (name_size > CPIO_PATH)
        return -ENAMETOOLONG;
    entry->mode = field[FIELD_MODE];
    entry->inode = field[FIELD_INODE];
    entry->links = field[FIELD_LINKS];
    entry->data = (uint32_t)data;
    entry->size = size;
    return read_path(archive, position + HEADER_BYTES, name_size, entry->path);
}

int cpio_next(const struct source *archive, uint32_t *position,
              struct cpio_entry *entry)
{
    for (;;) {
        uint32_t next;
        int error = read_entry(archive, *position, entry, &next);
        if (error == -EINVAL)
            return error;
        *position = next;
        if (error)
            return error;
        if (!is_trailer(entry))
            return 1;
        *position = skip_zeros(archive, next);
        if (*position == archive->size)
            return 0;
    }
}
