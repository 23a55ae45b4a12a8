/* SPDX-License-Identifier: MIT */
/*
 * Blocks of every small length at every alignment, between guard bytes, since
 * the machine moves words first and the rest after them. Strings at the places
 * where their functions turn.
 */
#include "kernel/string.h"
#include "tests/kernel/selftest.h"

#define LENGTHS 40
#define ROOM    64

/* Whether block[from..to) counts up from `first` and all else is '.'. */
static bool counts_between(const uint8_t *block, uint32_t from, uint32_t to,
                           uint8_t first)
{
    for (uint32_t i = 0; i < ROOM; i++) {
        uint8_t expected = i < from || i >= to ? '.' : (uint8_t)(first++);
        if (block[i] != expected)
            return false;
    }
    return true;
}

static void fill(uint8_t *block, uint8_t first)
{
    for (uint32_t i = 0; i < ROOM; i++)
        block[i] = first++;
}

static bool copies(uint32_t from, uint32_t to, uint32_t length)
{
    uint8_t source[ROOM], target[ROOM];
    fill(source, 1);
    memset(target, '.', ROOM);
    return memcpy(target + to, source + from, length) == target + to &&
           counts_between(target, to, to + length, (uint8_t)(from + 1));
}

SELFTEST(string_copy_blocks, "memcpy at all alignments and small lengths")
{
    for (uint32_t from = 0; from < 4; from++) {
        for (uint32_t to = 0; to < 4; to++) {
            for (uint32_t length = 0; length < LENGTHS; length++)
                CHECK(copies(from, to, length));
        }
    }
}

/* Move within one block and compare with a copy made byte by byte. */
static bool moves(uint32_t from, uint32_t to, uint32_t length)
{
    uint8_t block[ROOM], expected[ROOM], before[ROOM];
    fill(block, 7);
    fill(expected, 7);
    fill(before, 7);
    for (uint32_t i = 0; i < length; i++)
        expected[to + i] = before[from + i];
    return memmove(block + to, block + from, length) == block + to &&
           !memcmp(block, expected, ROOM);
}

SELFTEST(string_move_blocks, "memmove over its own source, both ways")
{
    for (uint32_t from = 0; from < 12; from++) {
        for (uint32_t to = 0; to < 12; to++) {
            for (uint32_t length = 0; length < LENGTHS; length++)
                CHECK(moves(from, to, length));
        }
    }
}

SELFTEST(string_set_blocks, "memset at all alignments and small lengths")
{
    uint8_t block[ROOM];
    for (uint32_t to = 0; to < 4; to++) {
        for (uint32_t length = 0; length < LENGTHS; length++) {
            memset(block, '.', ROOM);
            CHECK(memset(block + to, 0x1a7, length) == block + to);
            for (uint32_t i = 0; i < ROOM; i++) {
                bool inside = i >= to && i < to + length;
                CHECK(block[i] == (inside ? 0xa7 : '.'));
            }
        }
    }
}

SELFTEST(string_compare_blocks, "memcmp finds the first different byte")
{
    uint8_t a[ROOM], b[ROOM];
    for (uint32_t start = 0; start < 4; start++) {
        for (uint32_t length = 1; length < LENGTHS; length++) {
            uint32_t last = start + length - 1;
            fill(a, 0);
            fill(b, 0);
            b[start + length] ^= 0xff; /* behind the end: not looked at */
            CHECK(memcmp(a + start, b + start, length) == 0);
            b[last] = (uint8_t)(a[last] ^ 0x80);
            int less = memcmp(a + start, b + start, length);
            CHECK(a[last] < b[last] ? less < 0 : less > 0);
        }
    }
    /* An earlier byte decides, whatever a word's own order would say. */
    CHECK(memcmp("a\x01\x09z", "a\x02\x08z", 4) < 0);
    CHECK(memcmp("abcd\xff", "abcd\x01", 5) > 0);
    CHECK(memcmp("x", "y", 0) == 0);
}

SELFTEST(string_ended, "functions over ended strings")
{
    CHECK(strlen("") == 0 && strlen("four") == 4);
    CHECK(strcmp("", "") == 0 && strcmp("abc", "abc") == 0);
    CHECK(strcmp("abc", "abd") < 0 && strcmp("abc", "ab") > 0);
    CHECK(strcmp("\xff", "a") > 0);
    CHECK(strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0);
    CHECK(strncmp("ab", "ab", 9) == 0 && strncmp("x", "y", 0) == 0);
    const char *s = "a=b=c";
    CHECK(strchr(s, '=') == s + 1 && strchr(s, 'z') == NULL);
    CHECK(strchr(s, '\0') == s + 5);
}

SELFTEST(string_copy_ended, "string_copy always ends and tells a cut")
{
    char to[5];
    CHECK(string_copy(to, "four", sizeof(to)) && !strcmp(to, "four"));
    CHECK(!string_copy(to, "fives", sizeof(to)) && !strcmp(to, "five"));
    CHECK(string_copy(to, "", 1) && !to[0]);
    CHECK(!string_copy(to, "x", 1) && !to[0]);
}
