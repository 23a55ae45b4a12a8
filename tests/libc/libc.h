/* SPDX-License-Identifier: MIT */
/*
 * What the programs of tests/libc share: checks that print a line each, the
 * same on every kernel and with every C library. A check that fails prints
 * where it is; the sum at the end is the program's exit status. Lines appear
 * at once, so that output of parent and child does not depend on buffers.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

static int checks_failed;
static int checks_made;

/* The condition holds; what it is about is printed in any case. */
#define CHECK(condition, ...) \
    check_(__LINE__, #condition, (condition), __VA_ARGS__)

__attribute__((format(printf, 4, 5), unused)) static int
check_(int line, const char *text, int holds, const char *what, ...)
{
    __builtin_va_list list;

    checks_made++;
    printf("%s ", holds ? "ok" : "NOT");
    __builtin_va_start(list, what);
    vprintf(what, list);
    __builtin_va_end(list);
    if (!holds) {
        checks_failed++;
        printf("    (line %d: %s)", line, text);
    }
    putchar('\n');
    fflush(stdout);
    return holds;
}

/* The exit status of main(). */
__attribute__((unused)) static int check_sum(void)
{
    printf("%d checks, %d failed\n", checks_made, checks_failed);
    fflush(stdout);
    return checks_failed ? 1 : 0;
}
