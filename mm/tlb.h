/* SPDX-License-Identifier: MIT */
/*
 * TLB coherence: gather what changed while the tables are locked, flush it
 * everywhere it may be cached, then free. No frame, table or address is used
 * again before its flush is complete. Nothing else in the kernel flushes user
 * addresses. Who is interrupted, and how long anyone waits, is a policy.
 *
 * Generations: an MM counts the flushes asked for. A CPU notes which one its
 * TLB is up to: at a CR3 load the MM's, read before the load; after a flush
 * that flush's. A CPU that is exactly one behind flushes the range, one that is
 * further behind everything, one that is up to date nothing. A frame may be
 * freed when every CPU that has the MM loaded has passed the generation of its
 * flush; debug builds assert it.
 */
#pragma once

#include "kernel/checks.h"
#include "kernel/types.h"

struct frame;
struct mm;

/* Above so many pages everything is flushed instead of page by page. */
#define FLUSH_ALL_ABOVE 32

/* What is to be flushed: of `mm`, or of the kernel's addresses (NULL). */
struct flush_request {
    struct mm *mm;
    uint32_t start, end; /* bytes; end is exclusive */
    uint32_t generation;
};

/* How a flush reaches the other CPUs. */
struct shootdown {
    const char *name;
    /*
     * Have `request` done by every CPU that may cache translations of its MM.
     * The generation is counted, the tables are changed; when it returns no
     * CPU can reach what they held before.
     */
    void (*flush)(const struct flush_request *request);
};

extern const struct shootdown *shootdown; /* the policy in force */
extern const struct shootdown shootdown_mask;

/* Do what a request asks for on this CPU. Interrupts off. */
void tlb_flush_here(const struct flush_request *request);

/* Drop [start, end) of `mm`; locks may be held. */
void tlb_flush_range(struct mm *mm, uint32_t start, uint32_t end);

/*
 * The same in two steps: count the flush of entries that are cleared, and have
 * it done later by those who have not flushed everything since. A NULL MM
 * stands for the kernel's addresses, which have no count.
 */
uint32_t tlb_count_flush(struct mm *mm);
void tlb_flush_counted(struct mm *mm, uint32_t start, uint32_t end,
                       uint32_t generation);

/* Drop one page that was taken out, then a reference to its frame. */
void tlb_flush_page(struct mm *mm, uint32_t page, struct frame *frame);

/* Drop everything, global entries too, on every CPU. */
void tlb_flush_kernel(void);

/* How many flushes were asked for; to be read before what makes up for them. */
uint32_t tlb_generation(const struct mm *mm);

/* Changes of one quarter that wait for their flush; on the stack. */
#define GATHER_FRAMES 128
struct tlb_gather {
    struct mm *mm;
    uint32_t start, end;  /* changed; end 0: nothing yet */
    struct frame *tables; /* page tables, and frames: freed after the flush */
    uint32_t count;
    struct frame *frame[GATHER_FRAMES];
};

void tlb_gather_start(struct tlb_gather *gather, struct mm *mm);

/* Flush and free what was gathered; ready for more. */
void tlb_gather_finish(struct tlb_gather *gather);

/*
 * A page table was taken out; what it mapped ends at `end`. It was a page of
 * the self map, too: everything is flushed.
 */
void tlb_gather_table(struct tlb_gather *gather, uint32_t end,
                      struct frame *table);

/*
 * The page at `address` has changed and must be flushed; a frame that was
 * taken out loses a reference after it. May flush what there is.
 */
static inline void tlb_gather(struct tlb_gather *gather, uint32_t address,
                              struct frame *frame)
{
    if (!gather->end || address < gather->start)
        gather->start = address;
    if (address >= gather->end)
        gather->end = address + PAGE_SIZE;
    if (!frame)
        return;
    DEBUG_DO(check_frame_unmapped(frame));
    gather->frame[gather->count++] = frame;
    if (gather->count == GATHER_FRAMES)
        tlb_gather_finish(gather);
}
