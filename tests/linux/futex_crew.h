/* SPDX-License-Identifier: MIT */
/*
 * A crew of raw threads that wait on futexes, for the tests of waking. Each
 * waits once and notes what its call returned. crew_start() returns when all
 * of them wait; that cannot be seen from outside, so it gives them time after
 * the last has announced itself.
 */
#pragma once

#include "oracle.h"

#define CREW 6

struct member {
    volatile int *word;
    int operation;
    uint32_t bits;
    volatile int ready, done;
    volatile long result;
};

static struct member crew[CREW];

static int crew_wait(void *argument)
{
    struct member *member = argument;

    member->ready = 1;
    member->result = call(__NR_futex, member->word, member->operation,
                          *member->word, NULL, NULL, member->bits);
    member->done = 1;
    return 0;
}

/* `count` threads from `first` on wait on a word with some bits. */
static void crew_start(int first, int count, volatile int *word, uint32_t bits)
{
    for (int i = first; i < first + count; i++) {
        crew[i].word = word;
        crew[i].bits = bits;
        crew[i].operation = FUTEX_WAIT_BITSET;
        crew[i].ready = crew[i].done = 0;
        start_task(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                       CLONE_THREAD,
                   crew_wait, &crew[i]);
        wait_until(&crew[i].ready, 1);
    }
    sleep_ms(10);
}

UNUSED static int crew_done(void)
{
    int done = 0;

    for (int i = 0; i < CREW; i++)
        done += crew[i].ready && crew[i].done;
    return done;
}

/* How many have been woken: `wanted`, if the others stay asleep a while. */
UNUSED static int crew_awake(int wanted)
{
    for (int i = 0; i < 2000 && crew_done() < wanted; i++)
        sleep_ms(1);
    sleep_ms(5);
    return crew_done();
}

/* Wakes all that are left and forgets them. */
static void crew_end(volatile int *one, volatile int *two)
{
    call(__NR_futex, one, FUTEX_WAKE, 100);
    call(__NR_futex, two, FUTEX_WAKE, 100);
    for (int i = 0; i < CREW; i++) {
        if (crew[i].ready && !wait_until(&crew[i].done, 1))
            say("one was NEVER WOKEN");
        crew[i].ready = crew[i].done = 0;
    }
}
