/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/types.h"

/*
 * Give back everything that is kept only to be reused soon: stacks, empty
 * slabs, addresses that wait for a flush, frames in the CPUs' caches. After it
 * two counts of free frames can be compared. Interrupts other CPUs. No lock
 * held.
 */
void memory_settle(void);

/* Settle, then count the free frames of both zones. */
uint64_t frames_free_settled(void);
