/* SPDX-License-Identifier: MIT */
/*
 * Arguments and environment on their way into a new program: copied into one
 * kernel buffer before anything else happens, so that the caller cannot change
 * them under our hands. Most need less than a page; if not, it is tried again
 * with more room, up to as much as a program may be given.
 */
#include "kernel/exec.h"

#include "kernel/abi/errno.h"
#include "kernel/initrd.h"
#include "kernel/options.h"
#include "kernel/string.h"
#include "machine/uaccess.h"
#include "mm/kva.h"

#define MOST_PAGES  512          /* 2 MiB in all, as with Linux's limits */
#define FIRST_PAGES 32           /* for the first program */
#define STRING_MOST (128u << 10) /* bytes of one, with its end */

static int strings_start(struct exec_strings *s, uint32_t pages)
{
    *s = (struct exec_strings){.pages = pages};
    s->buffer = kva_alloc(pages, FRAME_ANY);
    return s->buffer ? 0 : -ENOMEM;
}

void exec_strings_free(struct exec_strings *s)
{
    if (s->buffer)
        kva_free(s->buffer, s->pages);
    s->buffer = NULL;
}

/* Append the strings of one vector. */
static int append_vector(struct exec_strings *s, uint32_t vector,
                         uint32_t *count)
{
    for (*count = 0; vector; (*count)++, vector += 4) {
        uint32_t string;
        uint32_t room = s->pages * PAGE_SIZE - s->used;
        if (room > STRING_MOST)
            room = STRING_MOST;
        if (copy_from_user(&string, user_ptr_at(vector), sizeof(string)))
            return -EFAULT;
        if (!string)
            break;
        int length = copy_string_from_user(s->buffer + s->used,
                                           user_ptr_at(string), room);
        if (length < 0)
            return length == -ENAMETOOLONG ? -E2BIG : length;
        s->used += (uint32_t)length + 1;
    }
    return 0;
}

int exec_strings_from_user(struct exec_strings *s, uint32_t argv, uint32_t envp)
{
    int error;
    for (uint32_t pages = 1;; pages *= 8) {
        error = strings_start(s, pages);
        if (!error)
            error = append_vector(s, argv, &s->arguments);
        if (!error)
            error = append_vector(s, envp, &s->variables);
        if (!error)
            return 0;
        exec_strings_free(s);
        if (error != -E2BIG || pages == MOST_PAGES)
            return error;
    }
}

/* Append the strings that a file of the initrd holds, ended by zeros. */
static int append_file(struct exec_strings *s, const char *path,
                       uint32_t *count)
{
    struct source file;
    uint32_t mode;
    int error = initrd_find(path, &file, &mode);
    if (error)
        return error;
    if (file.size > s->pages * PAGE_SIZE - s->used)
        return -E2BIG;
    error = source_read(&file, 0, s->buffer + s->used, file.size);
    for (uint32_t i = 0; i < file.size; i++)
        if (!s->buffer[s->used + i])
            ++*count;
    s->used += file.size;
    if (!error && file.size && s->buffer[s->used - 1])
        error = -EINVAL; /* the last string has no end */
    return error;
}

int exec_first(void)
{
    struct exec_strings s;
    int error = strings_start(&s, FIRST_PAGES);
    if (!error && options.arguments[0]) {
        error = append_file(&s, options.arguments, &s.arguments);
    } else if (!error) {
        string_copy(s.buffer, options.init, PAGE_SIZE);
        s.used = strlen(s.buffer) + 1;
        s.arguments = 1;
    }
    if (!error && options.environment[0])
        error = append_file(&s, options.environment, &s.variables);
    if (!error)
        return exec_spawn(options.init, &s);
    exec_strings_free(&s);
    return error;
}
