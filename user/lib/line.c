/* SPDX-License-Identifier: MIT */
/* Lines from a file, through one buffer. A NUL byte is skipped. */
#include "user/lib/line.h"

#include "user/lib/syscall.h"

/* The next byte, or -1 at the end. */
static int next_byte(struct line_reader *r)
{
    if (r->used == r->filled) {
        int n = sys_read(r->file, r->buffer, sizeof(r->buffer));
        if (n <= 0)
            return -1;
        r->used = 0;
        r->filled = (uint32_t)n;
    }
    return (unsigned char)r->buffer[r->used++];
}

bool line_read(struct line_reader *reader, char *line, uint32_t size, bool *cut)
{
    uint32_t length = 0;
    bool any = false;
    int c;

    *cut = false;
    while ((c = next_byte(reader)) >= 0) {
        any = true;
        if (c == '\n')
            break;
        if (c == '\0' || c == '\r')
            continue;
        if (length + 1 < size)
            line[length++] = (char)c;
        else
            *cut = true;
    }
    line[length] = '\0';
    return any;
}
