/* SPDX-License-Identifier: MIT */
/*
 * A program from an ELF file: areas for its segments, their bytes, and a stack
 * as the System V ABI for i386 has it at the start:
 *
 *   top  strings: arguments, environment, path; 16 random bytes
 *        auxiliary vector
 *        environment pointers, NULL
 *        argument pointers, NULL
 *   esp  count of arguments
 */
#include "kernel/exec.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/abi/linux_file.h"
#include "kernel/elf.h"
#include "kernel/handle.h"
#include "kernel/log.h"
#include "kernel/path.h"
#include "kernel/sched.h"
#include "kernel/source.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/context.h"
#include "machine/cpu.h"
#include "mm/mm.h"

#define STACK_BYTES  (8u << 20)
#define MODE_EXECUTE 0111u
#define RANDOM_BYTES 16
#define CLOCK_TICKS  100

static int load_segments(struct mm *mm, const struct source *file,
                         const struct elf_image *image)
{
    uint32_t mapped = 0; /* up to here: the last segment's last page */
    for (uint32_t i = 0; i < image->segments; i++) {
        const struct elf_segment *s = &image->segment[i];
        uint32_t start = round_down(s->address, PAGE_SIZE);
        uint32_t end = round_up(s->address + s->size, PAGE_SIZE);
        uint32_t flags = (s->flags & ELF_WRITE ? MAP_WRITE : 0) |
                         (s->flags & ELF_EXECUTE ? MAP_EXECUTE : 0);
        if (start < mapped)
            start = mapped;
        int error = start < end ? mm_map(mm, start, end, flags) : 0;
        if (!error)
            error = mm_load(mm, s->address, file, s->offset, s->file_size);
        if (error)
            return error;
        mapped = end;
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
        {ABI_AT_HWCAP, cpu_capabilities()},
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
    if (words * 4 + s->used + path_bytes > STACK_BYTES / 4)
        return -E2BIG;
    /* The ABI wants 16-byte alignment at the entry. */
    *esp = round_down(strings_at - words * 4, 16);
    int error = mm_map(mm, USER_END - STACK_BYTES, USER_END, MAP_WRITE);
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

static const char *base_name(const char *path)
{
    const char *name = path;
    for (const char *c = path; *c; c++)
        if (c[0] == '/' && c[1])
            name = c + 1;
    return name;
}

/* Fill a new MM; entry and stack pointer of its first task. */
static int load(struct mm *mm, const char *path, const struct source *file,
                const struct exec_strings *strings, uint32_t *entry,
                uint32_t *esp)
{
    struct elf_image image;
    const char *why = "";
    int error = elf_read(file, &image, &why);
    if (error) {
        log_warn("%s: not a program that can run here: %s", path, why);
        return error;
    }
    *entry = image.entry;
    error = load_segments(mm, file, &image);
    return error ? error : build_stack(mm, &image, path, strings, esp);
}

/* A task with the program loaded, not yet running. */
static int prepare(const char *path, const struct exec_strings *strings,
                   struct task **task)
{
    struct found file;
    uint32_t entry, esp;
    int error = path_find("", path, true, &file);
    if (error)
        return error;
    if ((file.mode & ABI_S_IFMT) != ABI_S_IFREG || !(file.mode & MODE_EXECUTE))
        return -EACCES;
    struct mm *mm = mm_create();
    if (!mm)
        return -ENOMEM;
    string_copy(mm->program_path, file.path, sizeof(mm->program_path));
    error = load(mm, path, &file.source, strings, &entry, &esp);
    if (error)
        goto fail;
    *task = task_create(mm, base_name(path));
    error = -ENOMEM;
    if (!*task)
        goto fail;
    context_init_user(*task, entry, esp);
    error = handles_create_console(&(*task)->handles);
    if (!error)
        error = signal_clone(*task, 0);
    if (!error) {
        signal_drop_handlers(*task);
        error = task_enrol(*task, ABI_SIGCHLD);
    }
    if (!error)
        return 0;
    task_discard(*task);
fail:
    mm_release(mm);
    mm_destroy(mm);
    return error;
}

int exec_spawn(const char *path, struct exec_strings *strings)
{
    struct task *task;
    int error = prepare(path, strings, &task);
    exec_strings_free(strings);
    if (error)
        return error;
    int number = (int)task->tid;
    sched_start(task);
    return number;
}
