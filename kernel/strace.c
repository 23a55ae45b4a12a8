/* SPDX-License-Identifier: MIT */
/*
 * Tracing of system calls: one line when a call begins, one when it ends, each
 * with the task's number, since calls of several tasks overlap.
 */
#include "kernel/strace.h"

#include "kernel/abi/errno.h"
#include "kernel/error.h"
#include "kernel/log.h"
#include "kernel/print.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"

#define SHOWN         32 /* characters of a string or buffer */
#define END_OF_STRING UINT32_MAX

struct line {
    char text[200];
    uint32_t used;
};

static void add(struct line *line, const char *text, ...) PRINTF(2, 3);

static void add(struct line *line, const char *text, ...)
{
    va_list list;
    va_start(list, text);
    line->used += (uint32_t)format_list(
        line->text + line->used, sizeof(line->text) - line->used, text, list);
    va_end(list);
    if (line->used >= sizeof(line->text))
        line->used = sizeof(line->text) - 1;
}

/* The beginning of a buffer; `bytes` is END_OF_STRING for a string. */
static void add_text(struct line *line, uint32_t address, uint32_t bytes)
{
    char text[SHOWN + 1];
    user_ptr from = user_ptr_at(address);
    int count = bytes < SHOWN ? (int)bytes : SHOWN;
    if (bytes == END_OF_STRING)
        count = copy_string_from_user(text, from, SHOWN + 1);
    else if (copy_from_user(text, from, (uint32_t)count))
        count = -EFAULT;
    if (count == -EFAULT) {
        add(line, "%#x", address);
        return;
    }
    bool more =
        count == -ENAMETOOLONG || (bytes > SHOWN && bytes != END_OF_STRING);
    add(line, "\"");
    for (int i = 0; i < (more ? SHOWN : count); i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n')
            add(line, "\\n");
        else
            add(line, c >= ' ' && c < 0x7f ? "%c" : "\\x%02x", c);
    }
    add(line, "\"%s", more ? "..." : "");
}

static void add_argument(struct line *line, char letter, const uint32_t *arg)
{
    if (letter == 's')
        add_text(line, *arg, END_OF_STRING);
    else if (letter == 'b')
        add_text(line, *arg, arg[1]);
    else
        add(line,
            letter == 'd'            ? "%d"
            : letter == 'u' || !*arg ? "%u"
                                     : "%#x",
            *arg);
}

void strace_enter(const char *name, const char *letters, const uint32_t *arg)
{
    struct line line = {.used = 0};
    for (uint32_t i = 0; letters[i]; i++) {
        if (i)
            add(&line, ", ");
        add_argument(&line, letters[i], &arg[i]);
    }
    log_info("[%u] %s(%s)", current_task()->tid, name, line.text);
}

void strace_leave(const char *name, int32_t result)
{
    const char *error = result < 0 ? error_name(-result) : NULL;
    if (error)
        log_info("[%u] %s = -%s", current_task()->tid, name, error);
    else
        log_info("[%u] %s = %d", current_task()->tid, name, result);
}
