/* SPDX-License-Identifier: MIT */
/*
 * Cutting a line into commands. It works in place: a word with its quotes
 * removed is never longer than it was, so the write position never passes the
 * read position. The separator is read before the end of the word overwrites
 * it.
 */
#include "user/lib/command.h"

#include <stddef.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool separator(char c)
{
    return c == ';' || c == '&' || c == '\0';
}

/* Copy one word from *from to *to, without quotes; false: a quote is open. */
static bool take_word(char **from, char **to)
{
    char *f = *from, *t = *to, quote = 0;

    for (; *f; f++) {
        if (quote && *f == quote)
            quote = 0;
        else if (!quote && (*f == '\'' || *f == '"'))
            quote = *f;
        else if (*f == '\\' && quote != '\'' && f[1])
            *t++ = *++f;
        else if (!quote && (blank(*f) || separator(*f)))
            break;
        else
            *t++ = *f;
    }
    *from = f;
    *to = t;
    return !quote;
}

int command_next(char **line, struct command *command, const char **why)
{
    char *from = *line;

    *command = (struct command){0};
    if (!*from)
        return 0;
    for (;;) {
        while (blank(*from))
            from++;
        if (*from == '#')
            while (*from)
                from++;
        if (separator(*from))
            break;
        if (command->argc == COMMAND_WORDS) {
            *why = "too many words";
            return -1;
        }
        char *to = from;
        command->argv[command->argc++] = from;
        if (!take_word(&from, &to)) {
            *why = "a quote is not closed";
            return -1;
        }
        /* The blank or separator behind the word may be where its end goes. */
        char stop = *from;
        *to = '\0';
        if (separator(stop)) {
            command->background = stop == '&';
            *line = stop ? from + 1 : from;
            return 1;
        }
        from++;
    }
    command->background = *from == '&';
    *line = *from ? from + 1 : from;
    return 1;
}
