/* SPDX-License-Identifier: MIT */
/* Counting and reporting checks. Threads of a test may check, too. */
#include "user/lib/check.h"

#include "user/lib/clock.h"
#include "user/lib/error.h"
#include "user/lib/program.h"
#include "user/lib/system.h"

static uint32_t made, failed; /* atomic */

static bool count(bool holds)
{
    __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
    if (!holds)
        __atomic_fetch_add(&failed, 1, __ATOMIC_RELAXED);
    return holds;
}

bool check_condition(const char *file, int line, const char *what, bool holds)
{
    if (!count(holds))
        printf("%s:%d: not so: %s\n", file, line, what);
    return holds;
}

static const char *name_of(int64_t value)
{
    return value < 0 && value > -200 ? error_name((int)value) : "";
}

bool check_equal(const char *file, int line, const char *what, int64_t value,
                 int64_t expected)
{
    if (!count(value == expected))
        printf("%s:%d: %s: %lld %s, expected %lld %s\n", file, line, what,
               value, name_of(value), expected, name_of(expected));
    return value == expected;
}

bool check_status(const char *file, int line, const char *what, int status,
                  int expected)
{
    /* Bit 7 says that a core was dumped, which is none of our business. */
    bool same = status >= 0 && (status & ~0x80) == expected;

    if (!count(same))
        printf("%s:%d: %s: %s %s, expected %s\n", file, line, what,
               status_text(status).text, name_of(status),
               status_text(expected).text);
    return same;
}

uint32_t check_frames_at_rest(void)
{
    return system_frames_free();
}

bool check_frames(const char *file, int line, uint32_t before)
{
    return check_equal(file, line, "free frames afterwards",
                       system_frames_free(), before);
}

int check_result(void)
{
    printf("%u checks, %u failed\n", made, failed);
    return failed || !made;
}
