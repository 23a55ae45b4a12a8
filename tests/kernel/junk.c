/* SPDX-License-Identifier: MIT */
/*
 * Junk fill, which only debug builds contain. A frame that was never used since
 * boot holds no pattern, so only frames whose record says "filled" (its
 * generation field, free while nobody waits for a flush) are checked.
 */
#include "mm/junk.h"

#ifdef DEBUG

#include "kernel/panic.h"
#include "kernel/string.h"
#include "mm/frame.h"
#include "mm/kmap.h"

void junk_fill(void *start, uint32_t bytes)
{
    memset(start, (uint8_t)JUNK_WORD, bytes);
}

void junk_check(const void *start, uint32_t bytes, const char *what)
{
    const uint32_t *word = start;
    for (uint32_t i = 0; i < bytes / 4; i++)
        if (word[i] != JUNK_WORD)
            panic("%s at %p was written after it was freed: %p holds %08x",
                  what, start, (const void *)(word + i), word[i]);
}

void junk_fill_frame(struct frame *frame)
{
    void *page = kmap(frame);
    junk_fill(page, PAGE_SIZE);
    kunmap(page);
    frame->generation = JUNK_WORD;
}

void junk_check_frame(struct frame *frame)
{
    if (frame->generation != JUNK_WORD)
        return;
    void *page = kmap(frame);
    const uint32_t *word = page;
    for (uint32_t i = 0; i < PAGE_SIZE / 4; i++)
        if (word[i] != JUNK_WORD)
            panic("frame %#x was written after it was freed: offset %#x holds "
                  "%08x",
                  frame_number(frame), i * 4, word[i]);
    kunmap(page);
}

#endif
