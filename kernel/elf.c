/* SPDX-License-Identifier: MIT */
/*
 * Reader of ELF executables (System V ABI, chapters 4 and 5, and its i386
 * supplement). Each check is a line that names what is wrong; nothing of the
 * file is used before it is checked, and no sum is made that could wrap: sizes
 * are compared with what is left. All memory is the caller's; the work is
 * bounded by the number of program headers, which must lie in the file.
 */
#include "kernel/elf.h"

#include "kernel/abi/errno.h"
#include "kernel/string.h"
#include "machine/layout.h"

struct file_header {
    uint8_t magic[4], class, encoding, ident_version, ident_rest[9];
    uint16_t type, machine;
    uint32_t version, entry, program_headers, section_headers, flags;
    uint16_t header_size, program_header_size, program_header_count;
    uint16_t section_header_size, section_header_count, section_names;
};
_Static_assert(sizeof(struct file_header) == 52, "Elf32_Ehdr");

struct program_header {
    uint32_t type, offset, address, physical, file_size, size, flags, alignment;
};
_Static_assert(sizeof(struct program_header) == 32, "Elf32_Phdr");

#define CLASS_32         1
#define ENCODING_LITTLE  1
#define VERSION_CURRENT  1
#define TYPE_EXECUTABLE  2
#define TYPE_SHARED      3
#define MACHINE_386      3
#define HEADER_LOAD      1
#define HEADER_INTERPRET 3
#define COUNT_ELSEWHERE  0xffff /* PN_XNUM: the count is in a section header */

static const char *check_file_header(const struct file_header *h)
{
    if (memcmp(h->magic, "\177ELF", sizeof(h->magic)))
        return "not an ELF file";
    if (h->class != CLASS_32 || h->encoding != ENCODING_LITTLE)
        return "not a 32-bit little-endian ELF file";
    if (h->ident_version != VERSION_CURRENT || h->version != VERSION_CURRENT)
        return "unknown ELF version";
    if (h->machine != MACHINE_386)
        return "not for i386";
    if (h->type == TYPE_SHARED)
        return "position-independent (link with -static -no-pie)";
    if (h->type != TYPE_EXECUTABLE)
        return "not an executable";
    if (h->program_header_size != sizeof(struct program_header))
        return "program headers of unknown size";
    if (h->program_header_count == 0)
        return "no program headers";
    if (h->program_header_count == COUNT_ELSEWHERE)
        return "too many program headers";
    return NULL;
}

static const char *check_load(const struct source *file,
                              const struct program_header *p)
{
    if (p->file_size > p->size)
        return "segment larger in the file than in memory";
    if (p->address < USER_START || p->address >= USER_END ||
        p->size > USER_END - p->address)
        return "segment outside user memory";
    if (p->alignment & (p->alignment - 1))
        return "alignment is not a power of two";
    if (!p->file_size)
        return NULL; /* nothing is read, the offset means nothing */
    if (p->offset > file->size || p->file_size > file->size - p->offset)
        return "segment not inside the file (truncated?)";
    uint32_t apart = p->offset - p->address;
    if (apart & PAGE_MASK)
        return "segment's place in its page differs between file and memory";
    if (p->alignment && (apart & (p->alignment - 1)))
        return "segment's address does not fit its alignment";
    return NULL;
}

/* Put a checked segment in its place by address. */
static const char *add_segment(struct elf_image *image,
                               const struct program_header *p)
{
    if (image->segments == ELF_SEGMENTS)
        return "too many segments";
    uint32_t i = image->segments++;
    for (; i > 0 && image->segment[i - 1].address > p->address; i--)
        image->segment[i] = image->segment[i - 1];
    image->segment[i] = (struct elf_segment){
        .address = p->address,
        .offset = p->file_size ? p->offset : p->address & PAGE_MASK,
        .file_size = p->file_size,
        .size = p->size,
        .flags = p->flags & (ELF_EXECUTE | ELF_WRITE | ELF_READ),
    };
    return NULL;
}

static const char *read_segments(const struct source *file,
                                 const struct file_header *h,
                                 struct elf_image *image)
{
    uint32_t bytes = h->program_header_count * sizeof(struct program_header);
    if (h->program_headers > file->size ||
        bytes > file->size - h->program_headers)
        return "program headers not inside the file (truncated?)";
    for (uint32_t i = 0; i < h->program_header_count; i++) {
        struct program_header p;
        if (source_read(file, h->program_headers + i * sizeof(p), &p,
                        sizeof(p)))
            return "cannot be read";
        if (p.type == HEADER_INTERPRET)
            return "needs a dynamic linker (link with -static)";
        if (p.type != HEADER_LOAD || (p.size == 0 && p.file_size == 0))
            continue;
        const char *wrong = check_load(file, &p);
        if (!wrong)
            wrong = add_segment(image, &p);
        if (wrong)
            return wrong;
    }
    return image->segments ? NULL : "nothing to load";
}

/*
 * Neighbours must not overlap, nor share a page that each wants otherwise.
 * Neighbours are enough: segments that share a page with one in between share
 * it with that one too, and equality of flags carries over.
 */
static const char *check_neighbours(const struct elf_image *image)
{
    for (uint32_t i = 1; i < image->segments; i++) {
        const struct elf_segment *a = &image->segment[i - 1];
        const struct elf_segment *b = &image->segment[i];
        uint32_t a_end = a->address + a->size; /* at most USER_END */
        if (a_end > b->address)
            return "segments overlap";
        if (round_up(a_end, PAGE_SIZE) > round_down(b->address, PAGE_SIZE) &&
            a->flags != b->flags)
            return "a page is shared by segments of different permission";
    }
    return NULL;
}

/* Where the program headers are mapped, 0 if they are not. */
static uint32_t find_headers(const struct elf_image *image, uint32_t offset)
{
    uint32_t bytes = image->header_size * image->header_count;
    for (uint32_t i = 0; i < image->segments; i++) {
        const struct elf_segment *s = &image->segment[i];
        if (offset >= s->offset && bytes <= s->file_size &&
            offset - s->offset <= s->file_size - bytes)
            return s->address + (offset - s->offset);
    }
    return 0;
}

static bool entry_executable(const struct elf_image *image)
{
    for (uint32_t i = 0; i < image->segments; i++) {
        const struct elf_segment *s = &image->segment[i];
        if ((s->flags & ELF_EXECUTE) && image->entry >= s->address &&
            image->entry - s->address < s->size)
            return true;
    }
    return false;
}

static const char *read_image(const struct source *file,
                              struct elf_image *image)
{
    struct file_header h;
    memset(image, 0, sizeof(*image));
    if (source_read(file, 0, &h, sizeof(h)))
        return "shorter than an ELF header";
    const char *wrong = check_file_header(&h);
    if (!wrong)
        wrong = read_segments(file, &h, image);
    if (!wrong)
        wrong = check_neighbours(image);
    if (wrong)
        return wrong;

    const struct elf_segment *last = &image->segment[image->segments - 1];
    image->end = last->address + last->size;
    image->entry = h.entry;
    image->header_size = h.program_header_size;
    image->header_count = h.program_header_count;
    image->headers = find_headers(image, h.program_headers);
    return entry_executable(image) ? NULL
                                   : "entry not in an executable segment";
}

int elf_read(const struct source *file, struct elf_image *image,
             const char **why)
{
    *why = read_image(file, image);
    return *why ? -ENOEXEC : 0;
}
