/* SPDX-License-Identifier: MIT */
/*
 * Physical memory, a frame at a time. Each frame of 4 KiB has a record of 16
 * bytes in one table at FRAME_TABLE; the record's address is the frame's name
 * throughout the kernel. Frames below the end of the direct map are low, the
 * others high: those have no kernel address until kmap gives them one.
 */
#pragma once

#include "kernel/types.h"
#include "machine/layout.h"
#include "mm/frame_cache.h"

enum frame_state {
    FRAME_RESERVED, /* not RAM, or the image, or taken at boot */
    FRAME_FREE,
    FRAME_USED,
    FRAME_UNMAPPED, /* used; debug builds: waits for a flush */
};

/*
 * A free frame is owned by the allocator; one with references by those who
 * hold them. owner and offset belong to whoever allocated it; the generation
 * takes the place of the offset while a freed frame waits for a flush.
 */
struct frame {
    union {
        struct frame *next; /* free: in the zone's list, under its lock */
        void *owner;        /* used: quarter, object, slab ... */
    };
    union {
        uint32_t offset;     /* used: page number within the owner */
        uint32_t generation; /* waiting: the flush that must come first */
    };
    uint32_t references; /* atomic */
    uint16_t pins;       /* atomic: held in place by windows and copies */
    uint8_t state;       /* enum frame_state */
    uint8_t zone;        /* enum zone */
};
_Static_assert(sizeof(struct frame) == 16, "16 bytes of metadata a frame");

/* Where a frame may come from. */
enum frame_want {
    FRAME_LOW, /* low memory only: the kernel addresses it directly */
    FRAME_ANY, /* high memory first; leaves a reserve of low memory */
};

/*
 * Allocate a frame with one reference, its contents unspecified. NULL when
 * there is none. Takes RANK_FRAME; does not sleep.
 */
struct frame *frame_alloc(enum frame_want want);

/* The same, filled with zeros. */
struct frame *frame_alloc_zeroed(enum frame_want want);

/* Add a reference to a frame that has one. */
static inline void frame_get(struct frame *frame)
{
    __atomic_fetch_add(&frame->references, 1, __ATOMIC_RELAXED);
}

/* Drop a reference; the last one frees the frame. Its flushes are done. */
void frame_put(struct frame *frame);

#define frame_table ((struct frame *)FRAME_TABLE)
extern uint32_t frame_table_bytes; /* how much of it is backed */

static inline uint32_t frame_number(const struct frame *frame)
{
    return (uint32_t)(frame - frame_table);
}

static inline phys_t frame_phys(const struct frame *frame)
{
    return (phys_t)frame_number(frame) << PAGE_SHIFT;
}

static inline struct frame *frame_at(phys_t address)
{
    return frame_table + (uint32_t)(address >> PAGE_SHIFT);
}

/* The kernel address of a low frame. */
static inline void *frame_virtual(const struct frame *frame)
{
    return (void *)(DIRECT_MAP + (uint32_t)frame_phys(frame));
}

/* The low frame that a direct-map address lies in. */
static inline struct frame *frame_of_virtual(const void *address)
{
    return frame_at((uintptr_t)address - DIRECT_MAP);
}

struct frame_stats {
    uint64_t total[ZONES], free[ZONES]; /* frames; free counts all caches */
};

/* A consistent reading only while nothing allocates. */
void frame_stats(struct frame_stats *stats);

/* Frames that FRAME_ANY still finds, the CPUs' caches apart. No lock. */
uint32_t frames_for_any(void);

/* Low frames that are free, the same. */
uint32_t frames_for_low(void);

/* Whether both kinds of allocation can go on for a while. Takes no lock. */
bool frames_suffice(void);

/* Frames that new tasks leave to the faults of those that there are. */
#define FRAMES_FOR_FAULTS 192

/*
 * Whether memory is left for one more task and its MM. Faults of those that
 * there are need some of it, and a fault cannot be answered ENOMEM.
 */
bool frames_for_task(void);

/*
 * Take up to `pages` pages out of the allocator for good, from the top of
 * memory down, as ranges: how many there were. Boot, once.
 */
struct boot_range;
uint32_t frames_set_aside(uint32_t pages, struct boot_range *range,
                          uint32_t *ranges);

/* Give this CPU's cached frames back to their zones. */
void frame_cache_drain(void);

/* Hand the usable ranges over to the allocator. Boot, once. */
void frame_init(void);
