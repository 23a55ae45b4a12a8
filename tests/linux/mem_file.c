/* SPDX-License-Identifier: MIT */
/*
 * Maps of a file: the program's own, which is there on every system. What is
 * mapped equals what read() gives; what lies past the end is zero up to the
 * page's end and SIGBUS behind it; a private map's changes are its own.
 */
#include "linux.h"

static int file;
static uint32_t size, pages; /* of the file; pages are rounded up */

static int at(uint32_t offset, void *to, uint32_t length)
{
    return lseek(file, (off_t)offset, SEEK_SET) == (off_t)offset &&
           read(file, to, length) == (ssize_t)length;
}

static int equal(const char *map, uint32_t offset, uint32_t length)
{
    static char buffer[PAGE];
    while (length) {
        uint32_t piece = length < PAGE ? length : PAGE;
        if (!at(offset, buffer, piece) || memcmp(map, buffer, piece))
            return 0;
        map += piece;
        offset += piece;
        length -= piece;
    }
    return 1;
}

static char *map_file(size_t bytes, int prot, int flags, uint32_t page)
{
    unsigned long got = map(NULL, bytes, prot, flags, file, page);
    if (!failed(got))
        return (char *)got;
    tell("a map of the file failed: %s", outcome(got));
    printf("%d checks, the rest left out\n", checks_made);
    exit(0);
}

static void contents(void)
{
    char *all = map_file(size, PROT_READ, MAP_PRIVATE, 0);
    check("the whole file", equal(all, 0, size));
    check("it begins as an ELF file does", !memcmp(all, "\177ELF", 4));
    char *part = map_file(3 * PAGE, PROT_READ, MAP_PRIVATE, 5);
    check("three pages from page 5", equal(part, 5 * PAGE, 3 * PAGE));
    access_of("read only", part);
    munmap(part, PAGE);
    check("what is left keeps its offset",
          equal(part + PAGE, 6 * PAGE, 2 * PAGE));
    mprotect(part + 2 * PAGE, PAGE, RW);
    check("so does what mprotect splits",
          equal(part + 2 * PAGE, 7 * PAGE, PAGE));
    unsigned long moved =
        CALL(SYS_mremap, part + 2 * PAGE, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    report("grow it by mremap", moved);
    if (!failed(moved))
        check("the new pages show what follows in the file",
              equal((char *)moved, 7 * PAGE, 3 * PAGE));
    char *populated =
        map_file(4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_POPULATE, 2);
    check("populated", equal(populated, 2 * PAGE, 4 * PAGE));
    uint32_t old[6] = {0,           PAGE,           PROT_READ,
                       MAP_PRIVATE, (uint32_t)file, 3 * PAGE};
    unsigned long got = CALL(SYS_mmap, old);
    report("old mmap at byte 12288", got);
    if (!failed(got))
        check("shows page 3", equal((char *)got, 3 * PAGE, PAGE));
    old[5] = 100;
    report("old mmap at byte 100", CALL(SYS_mmap, old));
    char *arena = memory(8, RW);
    fill(arena, 8, 1);
    got = map(arena + 2 * PAGE, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED,
              file, 1);
    check("fixed in the middle of other memory",
          got == (unsigned long)arena + 2 * PAGE);
    check("file between", holds(arena, 2, 1) &&
                              equal(arena + 2 * PAGE, PAGE, 3 * PAGE) &&
                              holds(arena + 5 * PAGE, 3, 6));
    tell("pages: %s", picture(arena, 8));
}

static void past_end(void)
{
    uint32_t tail = size % PAGE;
    char *last =
        map_file(3 * PAGE, RW, MAP_PRIVATE, pages - 1); /* one in the file */
    check("the last page", equal(last, size - tail, tail));
    int zero = 1;
    for (uint32_t i = tail; i < PAGE; i++)
        zero &= !last[i];
    check("its rest is zero", zero);
    last[PAGE - 1] = 7;
    check("and can be written", last[PAGE - 1] == 7);
    access_of("the page past the end", last + PAGE);
    access_of("the one after it", last + 2 * PAGE);
    int fault = probe_read(last + PAGE + 8, NULL);
    check("the signal says where",
          fault == 3 && probe_address == (uint32_t)last + PAGE + 8);
    check("read() into it", lseek(file, 0, SEEK_SET) == 0);
    report("  says", CALL(SYS_read, file, last + PAGE, 100));
    char *far = map_file(PAGE, PROT_READ, MAP_PRIVATE, pages + 1000);
    access_of("a map that begins past the end", far);
    far = map_file(2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_POPULATE, pages - 1);
    tell("populated over the end: %s %s", reading(far), reading(far + PAGE));
}

static void private(void)
{
    char *one = map_file(2 * PAGE, RW, MAP_PRIVATE, 4);
    char *two = map_file(2 * PAGE, RW, MAP_PRIVATE, 4);
    *word(one, 0) = 0xabcdef01;
    *word(two, 1) = 0x10fedcba;
    check("a write is seen where it was made", *word(one, 0) == 0xabcdef01);
    check("and in no other map", equal(two, 4 * PAGE, PAGE));
    check("nor in the file", equal(two, 4 * PAGE, PAGE));
    check("the other way round", equal(one + PAGE, 5 * PAGE, PAGE));
    char *three = map_file(2 * PAGE, PROT_READ, MAP_PRIVATE, 4);
    check("a later map shows the file", equal(three, 4 * PAGE, 2 * PAGE));
    report("mprotect a read-only private map",
           CALL(SYS_mprotect, three, 2 * PAGE, RW));
    access_of("  it", three);
    check("  the others did not change",
          *word(one, 0) == 0xabcdef01 && equal(two, 4 * PAGE, PAGE));
    report("madvise DONTNEED", CALL(SYS_madvise, one, 2 * PAGE, MADV_DONTNEED));
    check("  the file is back", equal(one, 4 * PAGE, 2 * PAGE));
    lseek(file, 0, SEEK_SET);
    check("read() writes a page of the map",
          read(file, one + 100, 500) == 500 && equal(one + 100, 0, 500));
    check("  and leaves the file alone", equal(two, 4 * PAGE, PAGE));
    report("read() into a read-only page",
           CALL(SYS_read, file, map_file(PAGE, PROT_READ, MAP_PRIVATE, 0), 10));
}

static int child_looks(void *argument)
{
    char *map = argument;
    if (*word(map, 0) != 1111 || !equal(map + PAGE, 2 * PAGE, PAGE))
        return 1;
    *word(map, 0) = 2222;
    *word(map, 1) = 3333;
    return 0;
}

static void forked(void)
{
    char *map = map_file(2 * PAGE, RW, MAP_PRIVATE, 1);
    *word(map, 0) = 1111;
    child_does("a child sees the parent's change", child_looks, map);
    check("its own stay with it",
          *word(map, 0) == 1111 && equal(map + PAGE, 2 * PAGE, PAGE));
}

static void shared(void)
{
    unsigned long got = map(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, file, 1);
    report("shared, read only", got);
    if (!failed(got)) {
        check("  contents", equal((char *)got, PAGE, 2 * PAGE));
        report("  mprotect to write", CALL(SYS_mprotect, got, PAGE, RW));
        tell("  then: %s", picture((char *)got, 2));
    }
    report("shared, to write", map(NULL, PAGE, RW, MAP_SHARED, file, 0));
    report("neither", map(NULL, PAGE, PROT_READ, 0, file, 0));
    report("length 0", map(NULL, 0, PROT_READ, MAP_PRIVATE, file, 0));
}

int main(void)
{
    probes_begin();
    file = open("/proc/self/exe", O_RDONLY);
    check("the file opens", file >= 0);
    size = (uint32_t)lseek(file, 0, SEEK_END);
    pages = (size + PAGE - 1) / PAGE;
    check("it ends within a page", size > 20 * PAGE && size % PAGE);
    contents();
    past_end();
    private();
    forked();
    shared();
    char *map = map_file(PAGE, PROT_READ, MAP_PRIVATE, 0);
    close(file);
    check("a map outlives its file number", !memcmp(map, "\177ELF", 4));
    report("a closed file", CALL(SYS_mmap2, 0, PAGE, 1, MAP_PRIVATE, file, 0));
    return finish();
}
