/* SPDX-License-Identifier: MIT */
/*
 * The shell's grammar:
 *
 *     line    = command { (";" | "&") command }
 *     command = { word }          ended by "&": runs in the background
 *
 * Words are separated by blanks; '...' and "..." keep blanks and separators,
 * a backslash keeps the next character (not inside '...'), # begins a comment
 * at the start of a word. Nothing is expanded.
 */
#pragma once

#include <stdbool.h>

#define COMMAND_WORDS 64

struct command {
    int argc;
    char *argv[COMMAND_WORDS + 1]; /* ended by NULL */
    bool background;
};

/*
 * Cut the first command off *line, in place: words point into it, and *line
 * moves behind it. 1: a command (perhaps with no words), 0: end of the line,
 * negative: *why says what is wrong.
 */
int command_next(char **line, struct command *command, const char **why);
