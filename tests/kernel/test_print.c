/* SPDX-License-Identifier: MIT */
/*
 * Formatting against what the C standard says (ISO C 7.21.6.1), conversion by
 * conversion, at the borders of each type, and into buffers that are too small.
 */
#include "kernel/print.h"
#include "kernel/string.h"
#include "tests/kernel/selftest.h"

/* Whether a format with its arguments gives the text, and its length. */
#define GIVES(expected, ...)                                             \
    (format(text, sizeof(text), __VA_ARGS__) == (int)strlen(expected) && \
     !strcmp(text, expected))

SELFTEST(print_signed, "%d with flags and width")
{
    char text[64];
    CHECK(GIVES("0 -1 42", "%d %d %d", 0, -1, 42));
    CHECK(GIVES("2147483647 -2147483648", "%d %d", INT32_MAX, INT32_MIN));
    CHECK(GIVES("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42));
    CHECK(GIVES("-0042 [  -42][-42  ]", "%05d [%5d][%-5d]", -42, -42, -42));
    CHECK(GIVES("7 -100000", "%01d %2d", 7, -100000));
    CHECK(GIVES("9223372036854775807", "%lld", (long long)INT64_MAX));
    CHECK(GIVES("-9223372036854775808", "%lld", (long long)INT64_MIN));
    CHECK(GIVES("-7 8", "%ld %zu", -7L, (size_t)8));
}

SELFTEST(print_unsigned, "%u %x %p")
{
    char text[64];
    CHECK(GIVES("4294967295", "%u", UINT32_MAX));
    CHECK(GIVES("18446744073709551615", "%llu", (unsigned long long)-1));
    CHECK(GIVES("1000000000000", "%llu", 1000000000000ull));
    CHECK(GIVES("deadbeef 0", "%x %x", 0xdeadbeefu, 0u));
    CHECK(GIVES("0x2a 0", "%#x %#x", 42u, 0u));
    CHECK(GIVES("0x00002a", "%#08x", 42u));
    CHECK(GIVES("fedcba9876543210", "%llx", 0xfedcba9876543210ull));
    CHECK(GIVES("c0100000 00000000", "%p %p", (void *)0xc0100000, (void *)0));
}

SELFTEST(print_text, "%s %c %% and what is no conversion")
{
    char text[64];
    const char *volatile nothing = NULL;
    CHECK(GIVES("[  ab][ab  ][a]", "[%4s][%-4s][%.1s]", "ab", "ab", "ab"));
    CHECK(GIVES("[ x][x ]%", "[%2c][%-2c]%%", 'x', 'x'));
    CHECK(GIVES("(null)", "%s", nothing));
    CHECK(GIVES("[  ab][ab  ][]", "[%4.2s][%-4.2s][%.0s]", "abc", "abc", "c"));
    const char not_ended[2] = {'n', 'o'};
    CHECK(GIVES("no", "%.2s", not_ended));
    const char *volatile unknown = "%y %d";
    CHECK(format(text, sizeof(text), unknown, 3) == 4 && !strcmp(text, "%y 3"));
    const char *volatile broken_off = "a%";
    CHECK(format(text, sizeof(text), broken_off, 0) == 1 && !strcmp(text, "a"));
}

SELFTEST(print_room, "a small buffer is ended and nothing behind is written")
{
    char text[8];
    for (size_t size = 0; size < sizeof(text); size++) {
        memset(text, '.', sizeof(text));
        CHECK(format(text, size, "%s-%u", "abc", 123456u) == 10);
        for (size_t i = 0; i < sizeof(text); i++) {
            char expected = i + 1 < size    ? "abc-123456"[i]
                            : i + 1 == size ? '\0'
                                            : '.';
            CHECK(text[i] == expected);
        }
    }
    CHECK(format(NULL, 0, "%50s", "") == 50);
}
