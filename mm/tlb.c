/* SPDX-License-Identifier: MIT */
/*
 * What all shootdown policies share: gathering, generations, the flush of one
 * CPU, and the check that nothing is freed too early.
 */
#include "mm/tlb.h"

#include "kernel/call.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/stop.h"
#include "machine/cpu.h"
#include "machine/paging.h"
#include "mm/frame.h"
#include "mm/mm.h"

const struct shootdown *shootdown = &shootdown_mask;

uint32_t tlb_generation(const struct mm *mm)
{
    return __atomic_load_n(&mm->generation, __ATOMIC_SEQ_CST);
}

void tlb_flush_here(const struct flush_request *request)
{
    struct cpu *cpu = this_cpu();
    if (!request->mm) {
        tlb_flush_local_global();
        return;
    }
    /*
     * A CPU on its way into the MM or out of it: until its CR3 load is done
     * the walker may still use the old tables.
     */
    if (cpu->mm != request->mm) {
        tlb_flush_local_all();
        return;
    }
    uint32_t behind = request->generation - cpu->tlb_generation;
    if ((int32_t)behind <= 0)
        return; /* an earlier flush of everything was enough */
    if (behind == 1 &&
        request->end - request->start <= FLUSH_ALL_ABOVE * PAGE_SIZE) {
        for (uint32_t at = request->start; at < request->end; at += PAGE_SIZE)
            tlb_flush_local_page(at);
        cpu->tlb_generation = request->generation;
    } else {
        /*
         * Read before the flush: what is asked for later is not in it. Stored
         * after it: others take it as done.
         */
        uint32_t generation = tlb_generation(request->mm);
        tlb_flush_local_all();
        STOP_POINT(tlb_dropped);
        cpu->tlb_generation = generation;
    }
}

uint32_t tlb_count_flush(struct mm *mm)
{
    /*
     * A locked addition: the full fence between the stores to the tables and
     * the policy's read of mm->cpus. Partner: the locked OR in mm_enter().
     */
    return mm ? __atomic_add_fetch(&mm->generation, 1, __ATOMIC_SEQ_CST) : 0;
}

void tlb_flush_counted(struct mm *mm, uint32_t start, uint32_t end,
                       uint32_t generation)
{
    struct flush_request request = {mm, start, end, generation};
    if (!mm) {
        tlb_flush_kernel();
        return;
    }
    shootdown->flush(&request);
    DEBUG_DO(check_flushed(mm, start, generation));
}

void tlb_flush_range(struct mm *mm, uint32_t start, uint32_t end)
{
    uint32_t generation = tlb_count_flush(mm);
    STOP_POINT(tlb_counted);
    tlb_flush_counted(mm, start, end, generation);
}

/* After its flush. */
static void free_frame(struct frame *frame)
{
    DEBUG_DO(check_frame_flushed(frame));
    frame_put(frame);
}

void tlb_flush_page(struct mm *mm, uint32_t page, struct frame *frame)
{
    DEBUG_DO(check_frame_unmapped(frame));
    tlb_flush_range(mm, page, page + PAGE_SIZE);
    free_frame(frame);
}

static void flush_request(void *argument)
{
    tlb_flush_here(argument);
}

void tlb_flush_kernel(void)
{
    /* Never on our stack, where other CPUs could not follow it. */
    static struct flush_request request;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    call_cpus(cpus_online | this_cpu()->bit, flush_request, &request);
}

void tlb_gather_start(struct tlb_gather *gather, struct mm *mm)
{
    gather->mm = mm;
    gather->end = gather->count = 0;
    gather->tables = NULL;
}

void tlb_gather_table(struct tlb_gather *gather, uint32_t end,
                      struct frame *table)
{
    tlb_gather(gather, end - (FLUSH_ALL_ABOVE + 2) * PAGE_SIZE, NULL);
    tlb_gather(gather, end - PAGE_SIZE, NULL);
    DEBUG_DO(check_frame_unmapped(table));
    table->next = gather->tables;
    gather->tables = table;
}

void tlb_gather_finish(struct tlb_gather *gather)
{
    if (!gather->end)
        return;
    tlb_flush_range(gather->mm, gather->start, gather->end);
    for (uint32_t i = 0; i < gather->count; i++)
        free_frame(gather->frame[i]);
    while (gather->tables) {
        struct frame *table = gather->tables;
        gather->tables = table->next;
        DEBUG_DO(check_frame_flushed(table));
        page_table_free(table);
    }
    gather->end = gather->count = 0;
}
