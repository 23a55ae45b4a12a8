/* SPDX-License-Identifier: MIT */
/*
 * A program from an ELF file in a new MM. Its segments are private areas that
 * show the file: pages come in when they are touched, and what nobody writes
 * is shared by all who run the program. Above them the stack, as the System V
 * ABI for i386 has it at the start:
 *
 *   top  strings: arguments, environment, path; 16 random bytes
 *        auxiliary vector
 *        environment pointers, NULL
 *        argument pointers, NULL
 *   esp  count of arguments
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/abi/linux_file.h"
#include "kernel/elf.h"
#include "kernel/exec.h"
#include "kernel/limits.h"
#include "kernel/log.h"
#include "kernel/path.h"
#include "kernel/string.h"
#include "machine/cpu.h"
#include "mm/area.h"
#include "mm/map.h"
#include "mm/mm.h"
#include "mm/object.h"

#define MODE_EXECUTE 0111u
#define RANDOM_BYTES 16
#define CLOCK_TICKS  100

/* Room for a stack that other areas keep away from, and what is there first. */
#define STACK_ROOM_MIN (64u << 20)
#define STACK_ROOM_MAX (1u << 30)
#define STACK_FIRST    (128u << 10) /* below the strings */

/* An area, if it is not empty, at just that address. */
static int map_there(struct mm *mm, uint32_t start, uint32_t end,
                     const struct area *like)
{
    if (start >= end)
        return 0;
    int32_t at = mm_map(mm, start, end - start, MAP_IF_FREE, like);
    return IS_ERROR(at) ? at : 0;
}

/* One segment; addresses up to `mapped` have their areas already. */
static int load_segment(struct mm *mm, const struct source *file,
                        const struct elf_segment *s, uint32_t mapped)
{
    uint32_t start = round_down(s->address, PAGE_SIZE);
    uint32_t file_end = s->address + s->file_size;
    uint32_t file_pages = s->file_size ? round_up(file_end, PAGE_SIZE) : start;
    uint32_t end = round_up(s->address + s->size, PAGE_SIZE);
    struct area like = {.flags = (s->flags & ELF_READ ? AREA_READ : 0) |
                                 (s->flags & ELF_WRITE ? AREA_WRITE : 0) |
                                 (s->flags & ELF_EXECUTE ? AREA_EXECUTE : 0)};
    struct area shown = like;
    int error = 0;
    shown.object = mm->program;
    shown.offset = s->offset >> PAGE_SHIFT;
    if (start < mapped) { /* its first page is the last one's last */
        uint32_t bytes = mapped - s->address;
        error = mm_load(mm, s->address, file, s->offset,
                        bytes < s->file_size ? bytes : s->file_size);
        shown.offset += (mapped - start) >> PAGE_SHIFT;
        start = mapped;
    }
    if (!error)
        error = map_there(mm, start, file_pages, &shown);
    if (!error)
        error =
            map_there(mm, file_pages > start ? file_pages : start, end, &like);
    /* The file goes on behind the segment's bytes; memory has zeros there. */
    if (!error && s->size > s->file_size && file_end < file_pages)
        error = mm_load(mm, file_end, NULL, 0, file_pages - file_end);
    return error;
}

static int load_segments(struct mm *mm, const struct source *file,
                         const struct elf_image *image)
{
    uint32_t mapped = 0;
    for (uint32_t i = 0; i < image->segments; i++) {
        const struct elf_segment *s = &image->segment[i];
        int error = load_segment(mm, file, s, mapped);
        if (error)
            return error;
        mapped = round_up(s->address + s->size, PAGE_SIZE);
    }
    mm->break_start = mm->break_end = mapped;
    return 0;
}

/* Where the next word of the new stack goes; the first error sticks. */
struct stack {
    struct mm *mm;
    uint32_t at;
    int error;
};

static void put(struct stack *stack, const void *bytes, uint32_t count)
{
    struct source source = source_of_buffer(bytes, count);
    if (!stack->error)
        stack->error = mm_load(stack->mm, stack->at, &source, 0, count);
    stack->at += count;
}

static void put_word(struct stack *stack, uint32_t word)
{
    put(stack, &word, sizeof(word));
}

/* Pointers to `count` strings that follow each other, and NULL. */
static void put_pointers(struct stack *stack, const char **string,
                         uint32_t *address, uint32_t count)
{
    while (count--) {
        uint32_t bytes = strlen(*string) + 1;
        put_word(stack, *address);
        *string += bytes;
        *address += bytes;
    }
    put_word(stack, 0);
}

static void put_auxiliary(struct stack *stack, const struct elf_image *image,
                          uint32_t path, uint32_t random)
{
    const uint32_t vector[][2] = {
        {ABI_AT_PHDR, image->headers},
        {ABI_AT_PHENT, image->header_size},
        {ABI_AT_PHNUM, image->header_count},
        {ABI_AT_PAGESZ, PAGE_SIZE},
        {ABI_AT_ENTRY, image->entry},
        {ABI_AT_UID, 0},
        {ABI_AT_EUID, 0},
        {ABI_AT_GID, 0},
        {ABI_AT_EGID, 0},
        {ABI_AT_SECURE, 0},
        {ABI_AT_HWCAP, cpu_capabilities},
        {ABI_AT_CLKTCK, CLOCK_TICKS},
        {ABI_AT_RANDOM, random},
        {ABI_AT_EXECFN, path},
        {ABI_AT_NULL, 0},
    };
    put(stack, vector, sizeof(vector));
}

/* Words on the stack below the strings, the auxiliary vector included. */
#define AUXILIARY_WORDS 30
#define FIXED_WORDS     (1 + 1 + 1 + AUXILIARY_WORDS)

/* The stack's area, and its distance from others that look for room. */
static int map_stack(struct mm *mm, uint32_t esp, uint64_t limit)
{
    const struct area stack = {.flags = AREA_READ | AREA_WRITE | AREA_STACK};
    uint32_t room = limit > STACK_ROOM_MAX ? STACK_ROOM_MAX : (uint32_t)limit;
    if (room < STACK_ROOM_MIN)
        room = STACK_ROOM_MIN;
    mm->map_top = round_down(USER_END - room, PAGE_SIZE);
    return map_there(mm, round_down(esp, PAGE_SIZE) - STACK_FIRST, USER_END,
                     &stack);
}

static int build_stack(struct mm *mm, const struct elf_image *image,
                       const char *path, const struct exec_strings *s,
                       uint32_t *esp)
{
    uint32_t random[RANDOM_BYTES / 4];
    for (uint32_t i = 0; i < ARRAY_LENGTH(random); i++)
        random[i] = cpu_random();
    uint32_t path_bytes = strlen(path) + 1;
    uint32_t words = FIXED_WORDS + s->arguments + s->variables;
    uint32_t random_at = USER_END - 2 * RANDOM_BYTES;
    uint32_t path_at = random_at - path_bytes;
    uint32_t strings_at = path_at - s->used;
    uint64_t limit = limit_of(ABI_RLIMIT_STACK);
    if (words * 4 + s->used + path_bytes > limit / 4)
        return -E2BIG;
    /* The ABI wants 16-byte alignment at the entry. */
    *esp = round_down(strings_at - words * 4, 16);
    int error = map_stack(mm, *esp, limit);
    if (error)
        return error;

    struct stack stack = {mm, *esp, 0};
    const char *string = s->buffer;
    uint32_t address = strings_at;
    put_word(&stack, s->arguments);
    put_pointers(&stack, &string, &address, s->arguments);
    put_pointers(&stack, &string, &address, s->variables);
    put_auxiliary(&stack, image, path_at, random_at);
    stack.at = strings_at;
    put(&stack, s->buffer, s->used);
    put(&stack, path, path_bytes);
    put(&stack, random, sizeof(random));
    return stack.error;
}

/* Fill a new MM. */
static int fill(struct exec_program *program, const char *path,
                const struct found *file, const struct exec_strings *strings)
{
    struct elf_image image;
    struct mm *mm = program->mm;
    const char *why = "";
    int error = elf_read(&file->source, &image, &why);
    if (error) {
        log_warn("%s: not a program that can run here: %s", path, why);
        return error;
    }
    program->entry = image.entry;
    string_copy(mm->program_path, file->path, sizeof(mm->program_path));
    mm->program = object_of_file(&file->source);
    if (!mm->program)
        return -ENOMEM;
    error = load_segments(mm, &file->source, &image);
    return error ? error
                 : build_stack(mm, &image, path, strings, &program->stack);
}

int exec_load(const char *path, const struct exec_strings *strings,
              struct exec_program *program)
{
    struct found file;
    int error = path_find(path, true, &file);
    if (error)
        return error;
    if ((file.mode & ABI_S_IFMT) != ABI_S_IFREG || !(file.mode & MODE_EXECUTE))
        return -EACCES;
    program->mm = mm_create();
    if (!program->mm)
        return -ENOMEM;
    error = fill(program, path, &file, strings);
    if (error)
        mm_leave(program->mm);
    else
        mm_set_runs(program->mm);
    return error;
}
