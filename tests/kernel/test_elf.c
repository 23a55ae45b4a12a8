/* SPDX-License-Identifier: MIT */
/*
 * The ELF reader: a good image made here, each rule broken by one change, then
 * cut at every byte, damaged and random. Whatever it accepts must satisfy the
 * contract of kernel/elf.h, since the loader checks nothing again.
 */
#include "kernel/elf.h"
#include "kernel/string.h"
#include "machine/layout.h"
#include "tests/kernel/fuzz.h"
#include "tests/kernel/selftest.h"

#define HEADER    52 /* bytes of the ELF header */
#define PROGRAM   32 /* bytes of a program header */
#define SIZE      0x300
#define TEXT      0x08048000u
#define DATA_FROM 0x200u
#define DATA      (0x0804a000u + DATA_FROM)

/* Offsets of the fields that tests change. */
enum {
    E_TYPE = 16,
    E_MACHINE = 18,
    E_ENTRY = 24,
    E_PHOFF = 28,
    E_PHENTSIZE = 42,
    E_PHNUM = 44,
    P_TYPE = 0,
    P_OFFSET = 4,
    P_VADDR = 8,
    P_FILESZ = 16,
    P_MEMSZ = 20,
    P_FLAGS = 24,
    P_ALIGN = 28,
};

#define PH(n, field) (HEADER + (n)*PROGRAM + (field))

/* Self-tests run one at a time, so one buffer does for all. */
static uint8_t image[SIZE];

static void put(uint32_t offset, uint32_t value, uint32_t bytes)
{
    memcpy(image + offset, &value, bytes);
}

static void put_header(uint32_t n, const uint32_t *words)
{
    memcpy(image + PH(n, 0), words, PROGRAM);
}

/* Text and data, as ld lays them out, and a stack note. */
static void make_image(void)
{
    static const uint32_t headers[3][8] = {
        {1, DATA_FROM, DATA, DATA, 0x100, 0x1000, 6, 0x1000},
        {1, 0, TEXT, TEXT, 0x180, 0x180, 5, 0x1000},
        {0x6474e551, 0, 0, 0, 0, 0, 7, 16},
    };
    memset(image, 0, sizeof(image));
    memcpy(image, "\177ELF\1\1\1", 7);
    put(E_TYPE, 2, 2);
    put(E_MACHINE, 3, 2);
    put(20, 1, 4);
    put(E_ENTRY, TEXT + 0x100, 4);
    put(E_PHOFF, HEADER, 4);
    put(40, HEADER, 2);
    put(E_PHENTSIZE, PROGRAM, 2);
    put(E_PHNUM, 3, 2);
    for (uint32_t i = 0; i < 3; i++)
        put_header(i, headers[i]);
}

static bool segment_fine(const struct elf_segment *s, uint32_t file_size)
{
    if (s->address < USER_START || s->size == 0 || s->address >= USER_END ||
        s->size > USER_END - s->address || s->file_size > s->size)
        return false;
    if ((s->offset ^ s->address) & PAGE_MASK || s->flags > 7)
        return false;
    return !s->file_size ||
           (s->offset <= file_size && s->file_size <= file_size - s->offset);
}

/* Everything that kernel/elf.h promises of an accepted image. */
static bool image_fine(const struct elf_image *e, uint32_t file_size)
{
    bool entry = false;
    uint64_t page_end = 0;
    if (e->segments == 0 || e->segments > ELF_SEGMENTS)
        return false;
    for (uint32_t i = 0; i < e->segments; i++) {
        const struct elf_segment *s = &e->segment[i];
        if (!segment_fine(s, file_size))
            return false;
        if (i > 0) {
            if (s->address < s[-1].address + s[-1].size)
                return false;
            if (round_down(s->address, PAGE_SIZE) < page_end &&
                s->flags != s[-1].flags)
                return false;
        }
        page_end = round_up(s->address + s->size, PAGE_SIZE);
        entry = entry ||
                (s->flags & ELF_EXECUTE && e->entry - s->address < s->size);
    }
    const struct elf_segment *last = &e->segment[e->segments - 1];
    return entry && e->end == last->address + last->size &&
           e->header_size == PROGRAM && e->header_count > 0;
}

/* Read; whether contract and bounds were kept, whatever the answer. */
static bool read_fine(const uint8_t *bytes, uint32_t size, int *result,
                      const char **why)
{
    struct watched watched = watch(bytes, size);
    struct elf_image e;
    *result = elf_read(&watched.source, &e, why);
    if (watched.outside || watched.reads > 1 + size / PROGRAM)
        return false;
    if (*result == 0)
        return *why == NULL && image_fine(&e, size);
    return *result == -ENOEXEC && *why && **why;
}

SELFTEST(elf_good, "segments, headers and end of a good image")
{
    struct elf_image e;
    const char *why;
    make_image();
    struct source source = source_of_buffer(image, SIZE);
    CHECK(elf_read(&source, &e, &why) == 0 && why == NULL);
    CHECK(image_fine(&e, SIZE) && e.segments == 2);
    /* Sorted, although the file has them the other way round. */
    CHECK(e.segment[0].address == TEXT && e.segment[0].offset == 0);
    CHECK(e.segment[0].flags == (ELF_READ | ELF_EXECUTE));
    CHECK(e.segment[1].address == DATA && e.segment[1].size == 0x1000);
    CHECK(e.segment[1].file_size == 0x100 && e.segment[1].offset == DATA_FROM);
    CHECK(e.entry == TEXT + 0x100 && e.end == DATA + 0x1000);
    CHECK(e.headers == TEXT + HEADER && e.header_count == 3);
    CHECK(e.header_size == PROGRAM);
}

struct change {
    uint16_t offset, bytes;
    uint32_t value;
};

SELFTEST(elf_refused, "each broken rule is found")
{
    static const struct change bad[] = {
        {0, 1, 0x7e},                           /* magic */
        {4, 1, 2},                              /* 64-bit */
        {5, 1, 2},                              /* big-endian */
        {6, 1, 0},                              /* version */
        {20, 4, 2},                             /* version */
        {E_TYPE, 2, 1},                         /* relocatable */
        {E_TYPE, 2, 3},                         /* shared */
        {E_MACHINE, 2, 62},                     /* x86-64 */
        {E_ENTRY, 4, 0},                        /* outside */
        {E_ENTRY, 4, DATA},                     /* in data */
        {E_ENTRY, 4, TEXT + 0x180},             /* just behind the text */
        {E_ENTRY, 4, TEXT - 1},                 /* just before it */
        {E_PHOFF, 4, SIZE},                     /* headers behind the end */
        {E_PHOFF, 4, 0xfffffff0},               /* that wraps */
        {E_PHENTSIZE, 2, 0},                    /* size of a header */
        {E_PHENTSIZE, 2, 56},                   /* size of a header */
        {E_PHNUM, 2, 0},                        /* none */
        {E_PHNUM, 2, 2000},                     /* more than the file has */
        {E_PHNUM, 2, 0xffff},                   /* PN_XNUM */
        {PH(2, P_TYPE), 4, 3},                  /* PT_INTERP */
        {PH(0, P_OFFSET), 4, DATA_FROM + 1},    /* place in the page */
        {PH(0, P_OFFSET), 4, 0x1200},           /* behind the end */
        {PH(0, P_OFFSET), 4, 0xfffff200},       /* that wraps */
        {PH(0, P_FILESZ), 4, 0x101},            /* one byte too many */
        {PH(0, P_FILESZ), 4, 0x1001},           /* more than memory */
        {PH(0, P_FILESZ), 4, 0xffffffff},       /* more than memory */
        {PH(0, P_MEMSZ), 4, 0},                 /* less than the file */
        {PH(0, P_MEMSZ), 4, 0xffffffff},        /* over the kernel, wrapping */
        {PH(0, P_MEMSZ), 4, 0xc0000001 - DATA}, /* one byte of the kernel */
        {PH(0, P_VADDR), 4, DATA_FROM},         /* page 0 */
        {PH(0, P_VADDR), 4, 0xc0000200},        /* the kernel */
        {PH(0, P_VADDR), 4, 0xfffff200},        /* the last page, wrapping */
        {PH(0, P_VADDR), 4, 0xbffff200},        /* reaches the kernel */
        {PH(0, P_VADDR), 4, TEXT + 0x200}, /* shares a page with the text */
        {PH(0, P_VADDR), 4, 0x08047200},   /* overlaps the text */
        {PH(0, P_ALIGN), 4, 0x1800},       /* no power of two */
        {PH(0, P_ALIGN), 4, 0x10000},      /* not congruent */
        {PH(0, P_ALIGN), 4, 0xffffffff},   /* no power of two */
        {PH(1, P_FLAGS), 4, 4},            /* text not executable */
        {PH(1, P_TYPE), 4, 4},             /* text not there */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        int result;
        const char *why;
        make_image();
        put(bad[i].offset, bad[i].value, bad[i].bytes);
        bool fine = read_fine(image, SIZE, &result, &why);
        if (!fine || result == 0)
            log_warn("change %u at %u", i, bad[i].offset);
        CHECK(fine && result == -ENOEXEC);
    }
}

SELFTEST(elf_accepted, "unusual but right images are read")
{
    static const struct change good[] = {
        {PH(0, P_FILESZ), 4, 0},                /* all zeros */
        {PH(0, P_MEMSZ), 4, 0xc0000000 - DATA}, /* up to the kernel */
        {PH(0, P_ALIGN), 4, 0},
        {PH(0, P_ALIGN), 4, 1},
        {PH(0, P_ALIGN), 4, 4},
        {PH(0, P_TYPE), 4, 4}, /* only text left */
        {PH(0, P_TYPE), 4, 7}, /* PT_TLS beside it */
        {PH(1, P_FLAGS), 4, 7},
        {E_ENTRY, 4, TEXT},
        {E_ENTRY, 4, TEXT + 0x17f},
        {E_PHNUM, 2, 2},
        {36, 4, 0x1234}, /* flags */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(good); i++) {
        int result;
        const char *why;
        make_image();
        put(good[i].offset, good[i].value, good[i].bytes);
        bool fine = read_fine(image, SIZE, &result, &why);
        if (!fine || result)
            log_warn("change %u: %s", i, result ? why : "");
        CHECK(fine && result == 0);
    }
}

SELFTEST(elf_shared_page, "two segments share a page only with equal flags")
{
    int result;
    const char *why;
    make_image();
    put(PH(0, P_VADDR), TEXT + 0x200, 4);
    put(PH(0, P_FLAGS), 5, 4);
    CHECK(read_fine(image, SIZE, &result, &why) && result == 0);
    put(PH(0, P_FLAGS), 6, 4);
    CHECK(read_fine(image, SIZE, &result, &why) && result == -ENOEXEC);
}

SELFTEST(elf_overlap, "segments of equal flags may touch but not overlap")
{
    int result;
    const char *why;
    make_image();
    put(PH(0, P_FLAGS), 5, 4);
    put(PH(1, P_MEMSZ), DATA - TEXT, 4);
    CHECK(read_fine(image, SIZE, &result, &why) && result == 0);
    put(PH(1, P_MEMSZ), DATA - TEXT + 1, 4);
    CHECK(read_fine(image, SIZE, &result, &why) && result == -ENOEXEC);
}

SELFTEST(elf_page_place,
         "a small alignment does not excuse a wrong page offset")
{
    int result;
    const char *why;
    make_image();
    put(PH(0, P_ALIGN), 4, 4);
    put(PH(0, P_OFFSET), DATA_FROM - 4, 4);
    CHECK(read_fine(image, SIZE, &result, &why) && result == -ENOEXEC);
}

SELFTEST(elf_many_segments, "more segments than fit are refused")
{
    int result;
    const char *why;
    make_image();
    for (uint32_t n = 2; n <= ELF_SEGMENTS; n++) {
        uint32_t address = DATA + n * 0x10000;
        uint32_t load[8] = {1, DATA_FROM, address, 0, 0, 1, 6, 0x1000};
        put_header(n, load);
        put(E_PHNUM, n + 1, 2);
        CHECK(read_fine(image, SIZE, &result, &why));
        CHECK((result == 0) == (n + 1 <= ELF_SEGMENTS));
    }
}

SELFTEST(elf_cut, "an executable cut anywhere is refused")
{
    make_image();
    for (uint32_t size = 0; size < SIZE; size++) {
        int result;
        const char *why;
        CHECK(read_fine(image, size, &result, &why) && result == -ENOEXEC);
    }
}

SELFTEST(elf_damaged, "what is accepted of damaged images keeps the contract")
{
    for (uint32_t seed = 1; seed <= 6000; seed++) {
        uint32_t state = seed;
        int result;
        const char *why;
        make_image();
        fuzz_damage(image, PH(3, 0), &state); /* where it matters */
        bool fine = read_fine(image, SIZE, &result, &why);
        if (!fine)
            log_warn("seed %u", seed);
        CHECK(fine);
    }
}

SELFTEST(elf_random, "random bytes, with and without a good header")
{
    for (uint32_t seed = 1; seed <= 1000; seed++) {
        uint32_t state = seed;
        int result;
        const char *why;
        fuzz_fill(image, SIZE, &state);
        CHECK(read_fine(image, seed % SIZE, &result, &why));
        CHECK(result == -ENOEXEC);
        make_image();
        fuzz_fill(image + HEADER, 3 * PROGRAM, &state);
        for (uint32_t n = 0; n < 3; n++)
            put(PH(n, P_TYPE), 1, 4);
        bool fine = read_fine(image, SIZE, &result, &why);
        if (!fine)
            log_warn("seed %u", seed);
        CHECK(fine);
    }
}
