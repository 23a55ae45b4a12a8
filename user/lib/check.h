/* SPDX-License-Identifier: MIT */
/*
 * How in-guest tests say what they expect. A test is a program: it makes its
 * checks and ends with `return check_result();`, which is 0 only if all held
 * and at least one was made. A check that fails prints where, what came and
 * what was expected, and the test goes on.
 *
 * The opening comment of each test has one or more lines
 *
 *     * run: cpus=1,4 mem=64M options="..." build=debug expect=0 args="..."
 *
 * that tell the suite under which configurations to run it. No key must be
 * there; without a line it is run once as the suite likes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "user/lib/print.h"

/* The condition holds. */
#define CHECK(condition) \
    check_condition(__FILE__, __LINE__, #condition, (condition))

/* Two numbers are equal; negative ones are shown as errors, too. */
#define CHECK_EQUAL(expression, expected) \
    check_equal(__FILE__, __LINE__, #expression, (expression), (expected))

/* The same with a text of one's own in place of the expression. */
#define CHECK_EQUAL_IN(what, value, expected) \
    check_equal(__FILE__, __LINE__, what, value, expected)

/* A wait status says: ended with this code, or killed by this signal. */
#define CHECK_EXIT(what, status, code) \
    check_status(__FILE__, __LINE__, what, status, (code) << 8)
#define CHECK_KILLED(what, status, signal) \
    check_status(__FILE__, __LINE__, what, status, signal)

bool check_condition(const char *file, int line, const char *what, bool holds);
bool check_equal(const char *file, int line, const char *what, int64_t value,
                 int64_t expected);
bool check_status(const char *file, int line, const char *what, int status,
                  int expected);

/*
 * Frames that were free before are free again, perhaps after a moment: a task
 * that has ended gives its stack back when its CPU has left it.
 */
uint32_t check_frames_at_rest(void); /* how many are free, once it is calm */
#define CHECK_FRAMES(before) check_frames(__FILE__, __LINE__, before)
bool check_frames(const char *file, int line, uint32_t before);

/* Print the sum; the exit status of the test. */
int check_result(void);
