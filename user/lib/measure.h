/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's basic operations cost, in counts of the time stamp
 * counter. Under QEMU's -icount one count is one instruction; elsewhere it is
 * time. Each figure is the median of several rounds, so that a timer interrupt
 * or a busy host does not move it. All run on CPU 0.
 */
#pragma once

#include <stdint.h>

#define MEASURE_ROUNDS 9

struct measurement {
    int error;       /* 0, or why there is no figure */
    uint32_t counts; /* median, for one operation */
    uint32_t lowest, highest;
    uint32_t operations; /* in a round */
    uint32_t switches;   /* context switches that the kernel counted in all
                            rounds: shows that what was meant to happen did */
};

/* getpid(): the way in and out of the kernel. */
struct measurement measure_null_call(void);

/* sched_yield() with nobody to give way to. */
struct measurement measure_yield(void);

/* One switch between two tasks of one MM that yield to each other. */
struct measurement measure_switch_thread(void);

/*
 * One switch between two tasks with an MM each. The program must call
 * measure_partner() when its first argument is MEASURE_PARTNER.
 */
#define MEASURE_PARTNER "--partner"
struct measurement measure_switch_program(void);
int measure_partner(void);

/*
 * Start a program that ends at once, and wait for it. The program must return
 * at once from main() when its first argument is MEASURE_NOTHING.
 */
#define MEASURE_NOTHING "--nothing"
struct measurement measure_spawn(void);

/* Stay on CPU 0 from now on: 0 or a negative error. */
int measure_settle(void);
