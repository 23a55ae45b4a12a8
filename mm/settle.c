/* SPDX-License-Identifier: MIT */
/* Stacks first: their pages then wait in the global area for its flush. */
#include "mm/settle.h"

#include "kernel/call.h"
#include "kernel/cpu.h"
#include "machine/paging.h"
#include "mm/frame.h"
#include "mm/kstack.h"
#include "mm/kva.h"
#include "mm/pageout.h"
#include "mm/slab.h"

static void drain(void *unused)
{
    (void)unused;
    frame_cache_drain();
}

void memory_settle(void)
{
    kstack_settle();
    page_tables_settle();
    kva_settle();
    slab_settle();
    call_cpus(cpus_online, drain, NULL);
}

uint64_t frames_free_settled(void)
{
    struct frame_stats stats;
    pageout_settle();
    memory_settle();
    frame_stats(&stats);
    return stats.free[ZONE_LOW] + stats.free[ZONE_HIGH];
}
