/* SPDX-License-Identifier: MIT */
/*
 * Debug builds fill freed memory with a pattern and check on reuse that it is
 * still there: who writes through a stale pointer or translation is found.
 */
#ifndef MM_JUNK_H
#define MM_JUNK_H

#include "kernel/types.h"

struct frame;

#define JUNK_WORD 0x6b6b6b6bu

#ifdef DEBUG
void junk_fill_frame(struct frame *frame);
void junk_check_frame(struct frame *frame);
void junk_fill(void *start, uint32_t bytes);
void junk_check(const void *start, uint32_t bytes, const char *what);
#else
static inline void junk_fill_frame(struct frame *frame)
{
    (void)frame;
}
static inline void junk_check_frame(struct frame *frame)
{
    (void)frame;
}
#endif

#endif
