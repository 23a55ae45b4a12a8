/* SPDX-License-Identifier: MIT */
/*
 * What the kernel counted, and how long it took, between two moments; over
 * several such spells if there are several. To see what something cost:
 *
 *     struct tally t = {.names = {"kmaps", "shootdowns"}};
 *     tally_begin(&t); ... tally_end(&t); printf("%u\n", t.value[0]);
 */
#pragma once

#include <stdint.h>

#define TALLY_NAMES 8

struct tally {
    const char *names[TALLY_NAMES]; /* of counters; the rest NULL */
    uint32_t value[TALLY_NAMES];
    uint64_t time; /* counts of the time stamp counter */
};

void tally_begin(struct tally *tally);
void tally_end(struct tally *tally);
