/* SPDX-License-Identifier: MIT */
/*
 * qsort() and bsearch(), strings and characters: what needs no kernel, but
 * shows in minutes of use whether memory and registers are kept.
 */
#include <ctype.h>
#include <search.h>
#include <stdint.h>
#include <string.h>

#include "libc.h"

#define NUMBERS 20000

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void numbers(void)
{
    static uint32_t list[NUMBERS];
    uint32_t seed = 1, sum = 0, after = 0;
    int ordered = 1, found = 0;

    for (int i = 0; i < NUMBERS; i++) {
        seed = seed * 1664525 + 1013904223;
        list[i] = seed >> 4 << 1; /* even */
        sum += list[i];
    }
    qsort(list, NUMBERS, sizeof(list[0]), by_value);
    for (int i = 0; i < NUMBERS; i++) {
        ordered &= !i || list[i - 1] <= list[i];
        after += list[i];
        found += bsearch(&list[i], list, NUMBERS, 4, by_value) != NULL;
    }
    CHECK(ordered && sum == after, "%d numbers in order, none lost", NUMBERS);
    CHECK(found == NUMBERS, "each is found");
    uint32_t odd = list[7] + 1;
    CHECK(!bsearch(&odd, list, NUMBERS, 4, by_value), "what is not there");
}

static void words(void)
{
    char text[] = "the quick brown fox jumps over the lazy dog, twice";
    char *list[16], *place = NULL;
    size_t n = 0;

    for (char *w = strtok_r(text, " ,", &place); w;
         w = strtok_r(NULL, " ,", &place))
        list[n++] = w;
    qsort(list, n, sizeof(list[0]), by_text);
    for (size_t i = 0; i < n; i++)
        printf("%s%c", list[i], i + 1 < n ? ' ' : '\n');
    char upper[] = "mixed Case 9";
    for (char *c = upper; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    printf("%s %s %zu %zu\n", upper, strstr("haystack", "st"),
           strspn("aabbc", "ab"), strcspn("hello, world", ","));
    char *copy = strdup("a copy");
    printf("%s %d %s\n", copy, strcmp("a", "b") < 0, strrchr("a/b/c", '/'));
    free(copy);
}

/* Lengths and offsets around all that a library may do at once. */
static void moves(void)
{
    static unsigned char area[600], model[600];
    int wrong = 0;

    for (int length = 0; length < 130; length++)
        for (int from = 0; from < 20; from++) {
            int to = (from * 7 + length) % 40;
            for (int i = 0; i < 600; i++)
                area[i] = model[i] = (unsigned char)(i * 31 + length);
            for (int i = 0; i < length; i++)
                model[to + i] = (unsigned char)((from + i) * 31 + length);
            memmove(area + to, area + from, (size_t)length);
            wrong += memcmp(area, model, sizeof(area)) != 0;
        }
    CHECK(!wrong, "memmove of all lengths, overlapping");
}

int main(void)
{
    numbers();
    words();
    moves();
    return check_sum();
}
