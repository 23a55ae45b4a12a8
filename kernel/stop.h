/* SPDX-License-Identifier: MIT */
/*
 * Stop points: named places in the kernel at which a test can hold a CPU, so
 * that a race becomes a script. STOP_POINT(name) costs nothing in release
 * builds. Points are used once: a CPU that has been held and released does not
 * stop there again until the point is armed anew.
 *
 *   test                                held CPU
 *   stop_arm(STOP_x, cpus, visit)
 *   ... makes something run there       STOP_POINT(x): visit(), waits
 *   stop_reached(STOP_x)
 *   ... looks, changes, checks
 *   stop_release(STOP_x)                goes on
 *
 * Where interrupts are on at the point they stay so; where they are off the CPU
 * answers nothing meanwhile, as if it were slow.
 */
#pragma once

#include "kernel/types.h"

/* X(name): in the order in which the kernel is read. */
#define STOP_POINTS(X)                                                         \
    X(map_placed)      /* room found for an area, which is not there yet */    \
    X(mm_announced)    /* mask bit set, CR3 not loaded */                      \
    X(mm_loaded)       /* CR3 loaded, old mask bit not cleared */              \
    X(tlb_counted)     /* tables changed, generation counted, mask not read */ \
    X(tlb_asked)       /* flush asked for by another CPU, not done */          \
    X(tlb_dropped)     /* everything dropped, the CPU has not said so yet */   \
    X(tlb_flushed)     /* done, not acknowledged */                            \
    X(slots_cleared)   /* stale slots cleared, their flush not counted */      \
    X(fault_cow)       /* copied, old entry still in place */                  \
    X(fault_cow_clear) /* old entry cleared and flushed, new not entered */    \
    X(fork_protected)  /* entries read-only, not flushed */                    \
    X(foreign_mapped)  /* another MM's frame mapped, nothing copied yet */     \
    X(pageout_taken)   /* swap entries in place, not flushed */                \
    X(swap_write)      /* page-out writes a slot; its frame can be found */    \
    X(swap_read)       /* a fault reads one back; others may, too */           \
    X(stack_left)      /* by a task for good, which still has it and its MM */ \
    X(place_chosen)    /* a CPU chosen for a task, task->cpu not stored */     \
    X(futex_queued)    /* value compared, in the queue, still running */

#define STOP_NAME(name) STOP_##name,
enum stop_point { STOP_POINTS(STOP_NAME) STOPS };
#undef STOP_NAME

#ifdef DEBUG
#define STOP_POINT(name) stop_point(STOP_##name)
#else
#define STOP_POINT(name) ((void)0)
#endif

void stop_point(enum stop_point point);

/*
 * Hold the next of `cpus` that comes to the point. It calls `visit` first, if
 * not NULL: to do what a walker could do on its own at that instant.
 */
void stop_arm(enum stop_point point, cpu_mask cpus, void (*visit)(void));

/* Whether a CPU is held there. */
bool stop_reached(enum stop_point point);

/* Let it go on; or, if none has come yet, let none be held. */
void stop_release(enum stop_point point);
