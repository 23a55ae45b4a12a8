/* SPDX-License-Identifier: MIT */
/*
 * Freed memory is filled with a pattern, which must still be there when it is
 * used again: who writes through a stale pointer or translation is found. An
 * object has a red zone behind it, which must be whole when it is freed.
 *
 * A frame that was never used since boot holds no pattern, so only frames
 * whose record says "filled" (its generation field, free while nobody waits for
 * a flush) are checked.
 */
#ifdef DEBUG

#include "kernel/checks.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "machine/layout.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/tlb.h"

#define JUNK_BYTE     0x6b
#define JUNK_WORD     0x6b6b6b6bu
#define RED_ZONE_WORD 0xfeedfaceu
#define LINK_BYTES    4 /* a free object's first word leads to the next */

/* The first word that is not junk any more, or NULL. */
static const uint32_t *written_word(const void *start, uint32_t bytes)
{
    const uint32_t *word = start;
    for (uint32_t i = 0; i < bytes / 4; i++)
        if (word[i] != JUNK_WORD)
            return &word[i];
    return NULL;
}

void check_frame_freed(struct frame *frame)
{
    void *page = kmap(frame);
    memset(page, JUNK_BYTE, PAGE_SIZE);
    kunmap(page);
    frame->generation = JUNK_WORD;
}

void check_frame_reused(struct frame *frame)
{
    if (frame->generation != JUNK_WORD)
        return;
    void *page = kmap(frame);
    const uint32_t *word = written_word(page, PAGE_SIZE);
    if (word)
        panic("frame %#x was written after it was freed: offset %#x holds "
              "%08x",
              frame_number(frame), (uintptr_t)word & PAGE_MASK, *word);
    kunmap(page);
}

void check_table_empty(struct frame *table)
{
    const uint32_t *word = kmap(table);
    for (uint32_t i = 0; i < PAGE_SIZE / 4; i++)
        if (word[i])
            panic("page table %#x was written after it was freed: offset %#x "
                  "holds %08x",
                  frame_number(table), i * 4, word[i]);
    kunmap((void *)word);
}

static uint32_t *red_zone(const struct slab_cache *cache, const void *object)
{
    return (uint32_t *)((char *)object + round_up(cache->size, 4));
}

static void check_red_zone(const struct slab_cache *cache, const void *object)
{
    for (uint32_t i = 0; i < RED_ZONE_BYTES / 4; i++)
        if (red_zone(cache, object)[i] != RED_ZONE_WORD)
            panic("%s at %p: written behind its end", cache->name, object);
}

void check_object_freeing(const struct slab_cache *cache, const void *object,
                          const void *free)
{
    check_red_zone(cache, object);
    for (; free; free = *(void *const *)free)
        if (free == object)
            panic("%s at %p: freed twice", cache->name, object);
}

void check_object_freed(const struct slab_cache *cache, void *object)
{
    memset((char *)object + LINK_BYTES, JUNK_BYTE,
           round_up(cache->size, 4) - LINK_BYTES);
    for (uint32_t i = 0; i < RED_ZONE_BYTES / 4; i++)
        red_zone(cache, object)[i] = RED_ZONE_WORD;
}

void check_object_reused(const struct slab_cache *cache, const void *object)
{
    const uint32_t *word = written_word((const char *)object + LINK_BYTES,
                                        round_up(cache->size, 4) - LINK_BYTES);
    if (word)
        panic("%s at %p was written after it was freed: %p holds %08x",
              cache->name, object, (const void *)word, *word);
    check_red_zone(cache, object);
}

void check_frame_unmapped(struct frame *frame)
{
    frame->state = FRAME_UNMAPPED;
}

void check_frame_flushed(struct frame *frame)
{
    frame->state = FRAME_USED;
}

void check_flushed(const struct mm *mm, uint32_t address, uint32_t generation)
{
    struct cpu *cpu;
    for_each_cpu (cpu) {
        struct mm *const volatile *loaded = &cpu->mm;
        if (*loaded != mm)
            continue;
        uint32_t passed = *(volatile uint32_t *)&cpu->tlb_generation;
        /* Looked at again: it may have left the MM in between. */
        if (*loaded == mm && (int32_t)(passed - generation) < 0)
            panic("TLB: CPU %u is at generation %u of MM %u, which frees "
                  "what was unmapped at %08x in %u",
                  cpu->index, passed, mm->id, address, generation);
    }
}

void check_shared(const char *where, const char *what, uintptr_t address)
{
    if (address >= UKVA_START)
        panic("%s: %s leads to %08x, which belongs to one MM and is to be "
              "followed from others",
              where, what, address);
}

#endif
