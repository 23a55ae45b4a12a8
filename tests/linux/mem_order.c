/* SPDX-License-Identifier: MIT */
/*
 * Areas in an order that a simple tree would become a list from: whoever makes
 * a tree of areas balanced by numbers made from the addresses of its records
 * must not make them so that a program can guess them. Records lie at equal
 * distances, the first argument; this asks for the places in the order of
 * Knuth's multiplicative hash of the records' addresses.
 * run: -m 512M args="48" seconds=2
 * run: -m 512M args="64" build=debug seconds=2
 */
#include "linux.h"

#define AREAS   30000
#define FIRST   0x42000000u
#define PER_ONE 4096u /* bytes of a slab of records */

static uint32_t number[AREAS];
static int order[AREAS], place[AREAS];

static int by_number(const void *a, const void *b)
{
    uint32_t x = number[*(const int *)a], y = number[*(const int *)b];
    return x < y ? -1 : x > y;
}

/* As if area k's record lay in slabs of records of so many bytes. */
static void choose_places(unsigned bytes, unsigned head)
{
    unsigned in_one = (PER_ONE - head) / bytes;
    for (unsigned k = 0; k < AREAS; k++) {
        unsigned at = k / in_one * PER_ONE + head + k % in_one * bytes;
        number[k] = at * 2654435761u;
        order[k] = (int)k;
    }
    qsort(order, AREAS, sizeof(order[0]), by_number);
    for (int i = 0; i < AREAS; i++)
        place[order[i]] = i;
}

int main(int argc, char **argv)
{
    unsigned bytes = argc > 1 ? (unsigned)atoi(argv[1]) : 48;
    int made = 0;
    choose_places(bytes, 24);
    for (int k = 0; k < AREAS; k++) /* with holes, so that none merge */
        made += !failed(map((char *)FIRST + (uint32_t)place[k] * 2 * PAGE, PAGE,
                            PROT_READ, ANON | MAP_FIXED, -1, 0));
    tell("records of %u bytes: %d areas", bytes, made);
    report("unmapped", CALL(SYS_munmap, FIRST, AREAS * 2 * PAGE));
    return finish();
}
