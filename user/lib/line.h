/* SPDX-License-Identifier: MIT */
/*
 * Lines from a file. The console edits lines in the kernel, so a read usually
 * returns one line; a script arrives in larger pieces, which the reader keeps.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct line_reader {
    int file;
    uint32_t used, filled; /* of buffer */
    char buffer[512];
};

/*
 * The next line without its end. False at the end of the input or on an error;
 * a last line that lacks its end still counts. *cut says whether the line did
 * not fit and its rest was dropped.
 */
bool line_read(struct line_reader *reader, char *line, uint32_t size,
               bool *cut);
