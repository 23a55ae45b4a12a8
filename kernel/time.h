/* SPDX-License-Identifier: MIT */
/* Clocks and sleeping. */
#pragma once

#include "kernel/types.h"

#define NS_PER_SECOND      1000000000u
#define NS_PER_MICROSECOND 1000u

/* Read the CMOS clock once; the wall clock goes on from there. Boot. */
void time_init(void);

/*
 * The time on one of Linux's clocks, nanoseconds. -EINVAL: no such clock. They
 * count with the time stamp counter from the machine's reset.
 */
int time_read(int32_t clock, uint64_t *ns);

/* Wake the current task at that clock_ns() by its timer, if it is BLOCKED. */
void time_set_alarm(uint64_t deadline);

/*
 * Sleep until clock_ns() reaches `deadline`: 0, or -EINTR when the task is to
 * end.
 */
int time_sleep_until(uint64_t deadline);
