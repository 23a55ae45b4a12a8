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

#define SHOWN 32 /* characters of a string or buffer */

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

static void add_quoted(struct line *line, const char *bytes, uint32_t count,
                       bool more)
{
    add(line, "\"");
    for (uint32_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '\n')
            add(line, "\\n");
        else if (c == '"' || c == '\\')
            add(line, "\\%c", c);
        else if (c >= ' ' && c < 0x7f)
            add(line, "%c", c);
        else
            add(line, "\\x%02x", c);
    }
    add(line, "\"%s", more ? "..." : "");
}

static void add_string(struct line *line, uint32_t address)
{
    char text[SHOWN + 1];
    int length = copy_string_from_user(text, user_ptr_at(address), SHOWN + 1);
    if (length >= 0)
        add_quoted(line, text, (uint32_t)length, false);
    else if (length == -ENAMETOOLONG)
        add_quoted(line, text, SHOWN, true);
    else
        add(line, "%#x", address);
}

static void add_buffer(struct line *line, uint32_t address, uint32_t bytes)
{
    char text[SHOWN];
    uint32_t count = bytes < SHOWN ? bytes : SHOWN;
    if (copy_from_user(text, user_ptr_at(address), count))
        add(line, "%#x", address);
    else
        add_quoted(line, text, count, bytes > SHOWN);
}

/* A vector of strings: the first few. */
static void add_vector(struct line *line, uint32_t address)
{
    uint32_t string;
    add(line, "[");
    for (int i = 0; address && i < 4; i++, address += 4) {
        if (copy_from_user(&string, user_ptr_at(address), sizeof(string))) {
            add(line, "%#x", address);
            break;
        }
        if (!string)
            break;
        add(line, i ? ", " : "");
        add_string(line, string);
    }
    add(line, "]");
}

static void add_argument(struct line *line, char letter, const uint32_t *arg)
{
    switch (letter) {
    case 'd':
        add(line, "%d", (int32_t)*arg);
        break;
    case 'u':
        add(line, "%u", *arg);
        break;
    case 's':
        add_string(line, *arg);
        break;
    case 'b':
        add_buffer(line, *arg, arg[1]);
        break;
    case 'S':
        add_vector(line, *arg);
        break;
    default:
        add(line, *arg ? "%#x" : "%u", *arg);
    }
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
