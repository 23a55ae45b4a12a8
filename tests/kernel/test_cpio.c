/* SPDX-License-Identifier: MIT */
/*
 * The cpio reader: archives made here, then cut at every byte, damaged and
 * random. Whatever comes in, it must end, read only inside, and give entries
 * that lie inside the archive.
 */
#include "kernel/abi/query.h"
#include "kernel/cpio.h"
#include "kernel/initrd.h"
#include "kernel/print.h"
#include "kernel/string.h"
#include "tests/kernel/fuzz.h"
#include "tests/kernel/selftest.h"

/* Self-tests run one at a time, so one buffer does for all. */
static uint8_t image[2048];
static uint32_t image_size;

static void pad(uint32_t alignment)
{
    while (image_size % alignment)
        image[image_size++] = 0;
}

static void add(const char *magic, const char *path, uint32_t inode,
                uint32_t links, const char *data)
{
    uint32_t size = (uint32_t)strlen(data), name = (uint32_t)strlen(path) + 1;
    format((char *)image + image_size, sizeof(image) - image_size,
           "%s%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", magic,
           inode, size ? 0100755 : 0040755, 0, 0, links, 0, size, 0, 0, 0, 0,
           name, 0);
    /* Digits of either case are right: a regular file's mode has both. */
    for (uint32_t i = image_size + 14; i < image_size + 20; i++)
        if (image[i] >= 'a')
            image[i] ^= 0x20;
    image_size += 110;
    memcpy(image + image_size, path, name);
    image_size += name;
    pad(4);
    memcpy(image + image_size, data, size);
    image_size += size;
    pad(4);
}

#define ENTRIES 6

/* Two archives with padding between; returns where the second begins. */
static uint32_t make_image(void)
{
    image_size = 0;
    add("070701", ".", 1, 2, "");
    add("070701", "./bin", 2, 2, "");
    add("070701", "bin/hello", 3, 1, "hello, world");
    add("070701", "TRAILER!!!", 0, 1, "");
    pad(512);
    uint32_t second = image_size;
    add("070702", "/abc", 4, 1, "x");
    add("070702", "..odd", 5, 1, "12345");
    add("070702", ".hidden", 6, 1, "678");
    add("070702", "TRAILER!!!", 0, 1, "");
    return second;
}

/* What walking an archive came to. */
struct walk {
    int result; /* of the last call */
    uint32_t entries, too_long, position;
    bool fine; /* the reader kept its contract */
};

static bool entry_fine(const struct cpio_entry *entry, uint32_t size)
{
    return entry->data <= size && entry->size <= size - entry->data &&
           memcmp(entry->path, "/", 1) && memcmp(entry->path, "./", 2) &&
           strlen(entry->path) < CPIO_PATH;
}

static struct walk walk(const uint8_t *bytes, uint32_t size)
{
    struct watched watched = watch(bytes, size);
    struct walk w = {.fine = true};
    struct cpio_entry entry;
    for (;;) {
        uint32_t before = w.position;
        memset(entry.path, 'x', sizeof(entry.path));
        w.result = cpio_next(&watched.source, &w.position, &entry);
        if (w.position < before || w.position > size)
            w.fine = false;
        if (w.result == 1) {
            w.entries++;
            w.fine = w.fine && entry_fine(&entry, size);
        } else if (w.result == -ENAMETOOLONG) {
            w.too_long++;
        } else {
            break;
        }
        if (w.position < before + 110) {
            w.fine = false; /* it would not end */
            break;
        }
    }
    if (watched.outside || watched.reads > size / 16 + 8)
        w.fine = false;
    return w;
}

SELFTEST(cpio_entries, "entries of two archives, with their bytes")
{
    static const struct {
        const char *path, *data;
    } expected[ENTRIES] = {
        {"", ""},     {"bin", ""},        {"bin/hello", "hello, world"},
        {"abc", "x"}, {"..odd", "12345"}, {".hidden", "678"},
    };
    make_image();
    struct source source = source_of_buffer(image, image_size);
    struct cpio_entry entry;
    uint32_t position = 0;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        char data[32] = "";
        CHECK(cpio_next(&source, &position, &entry) == 1);
        CHECK(!strcmp(entry.path, expected[i].path));
        CHECK(entry.size == strlen(expected[i].data));
        CHECK(entry.mode == (entry.size ? 0100755u : 0040755u));
        CHECK(!source_read(&source, entry.data, data, entry.size));
        CHECK(!strcmp(data, expected[i].data));
    }
    CHECK(cpio_next(&source, &position, &entry) == 0);
    CHECK(position == image_size);
}

SELFTEST(cpio_too_long, "a path that does not fit is stepped over")
{
    char path[CPIO_PATH + 1];
    image_size = 0;
    add("070701", "before", 1, 1, "x");
    memset(path, 'p', sizeof(path));
    path[CPIO_PATH] = '\0';
    add("070701", path, 2, 1, "xx");
    path[CPIO_PATH - 1] = '\0';
    add("070701", path, 3, 1, "xxx");
    add("070701", "TRAILER!!!", 0, 1, "");
    struct walk w = walk(image, image_size);
    CHECK(w.fine && w.result == 0 && w.entries == 2 && w.too_long == 1);
}

SELFTEST(cpio_cut, "an archive cut anywhere is refused at the cut")
{
    uint32_t second = make_image();
    for (uint32_t size = 0; size < image_size; size++) {
        struct walk w = walk(image, size);
        CHECK(w.fine && w.entries <= ENTRIES && w.position <= size);
        /* Good only where the first one's trailer is whole. */
        bool whole = size <= second && size >= 4 && w.entries == 3 &&
                     w.position == size && w.result == 0;
        CHECK(whole || w.result == -EINVAL);
        CHECK(!whole || size > second - 512);
    }
    struct walk w = walk(image, image_size);
    CHECK(w.fine && w.result == 0 && w.entries == ENTRIES);
}

SELFTEST(cpio_damaged, "damaged archives: the reader ends and stays inside")
{
    static uint8_t damaged[sizeof(image)];
    make_image();
    for (uint32_t seed = 1; seed <= 4000; seed++) {
        uint32_t state = seed;
        memcpy(damaged, image, image_size);
        fuzz_damage(damaged, image_size, &state);
        struct walk w = walk(damaged, image_size);
        if (!w.fine)
            log_warn("seed %u", seed);
        CHECK(w.fine);
    }
}

/* Sizes at the edges of 32 bits, written as the digits they are. */
SELFTEST(cpio_numbers, "huge sizes do not wrap around")
{
    static const char *const numbers[] = {
        "ffffffff", "FFFFFFFC", "fffffffd", "80000000", "7fffffff", "fffffe00",
        "00000000", "00000001", "0000000g", " 0000001", "-0000001", "00000800",
    };
    for (uint32_t field = 0; field < 13; field++) {
        for (uint32_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
            for (uint32_t entry = 0; entry < 2; entry++) {
                make_image();
                memcpy(image + entry * 112 + 6 + field * 8, numbers[i], 8);
                CHECK(walk(image, image_size).fine);
            }
        }
    }
}

SELFTEST(cpio_random, "random bytes are no archive")
{
    for (uint32_t seed = 1; seed <= 500; seed++) {
        uint32_t state = seed, size = seed % sizeof(image);
        fuzz_fill(image, size, &state);
        struct walk w = walk(image, size);
        if (!w.fine || w.result != -EINVAL || w.position)
            log_warn("seed %u", seed);
        CHECK(w.fine && w.result == -EINVAL && w.position == 0);
        /* The same behind a magic number. */
        memcpy(image, "070701", 6);
        CHECK(walk(image, size).fine);
    }
    memset(image, 0, sizeof(image));
    CHECK(walk(image, sizeof(image)).result == -EINVAL);
    memset(image, '0', sizeof(image));
    CHECK(walk(image, sizeof(image)).result == -EINVAL);
}

SELFTEST(initrd_files, "every file of the initrd is found by its path")
{
    struct abi_file row;
    for (uint32_t i = 0; i < 200 && initrd_row(i, &row); i++) {
        char path[sizeof(row.path) + 8];
        struct source file;
        uint32_t mode;
        if (strlen(row.path) == sizeof(row.path) - 1)
            continue; /* perhaps cut */
        format(path, sizeof(path), "//./%s/", row.path);
        CHECK(initrd_find(row.path, &file, &mode) == 0);
        CHECK(initrd_find(path, &file, &mode) == 0);
        format(path, sizeof(path), "%s~", row.path);
        CHECK(initrd_find(path, &file, &mode) == -ENOENT);
    }
    struct source file;
    uint32_t mode;
    CHECK(initrd_find("no/such/file", &file, &mode) == -ENOENT);
}
