/* SPDX-License-Identifier: MIT */
/*
 * The result of a run, written to the serial line that result= names, which no
 * program can reach: lines of "word value", begun by "quartet-result 1" and
 * closed by "end". Whoever started the machine trusts this and not what the
 * console says.
 */
#pragma once

#include "kernel/types.h"

/* What the machine is turned off with, besides. */
#define RESULT_OK    0
#define RESULT_PANIC 1

#ifdef DEBUG
#define KERNEL_BUILD "debug"
#else
#define KERNEL_BUILD "release"
#endif
#define KERNEL_VERSION "0.1"

/* The first program ended with a wait status, and lost so many frames. */
void result_program(uint32_t status, int32_t frames_lost);

/*
 * Another end: "no-program", it could not be started; "powered-off", by a
 * program; "panic". Takes no lock.
 */
void result_other(const char *outcome);
