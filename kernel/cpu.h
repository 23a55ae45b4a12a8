/* SPDX-License-Identifier: MIT */
/*
 * A CPU's own record. It lies in global memory, the same in every MM; FS
 * points at it while the kernel runs. Fields are grouped by who may touch them.
 */
#pragma once

#include "kernel/call.h"
#include "kernel/counters.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"
#include "kernel/timer.h"
#include "kernel/types.h"
#include "machine/cpu_machine.h"
#include "mm/frame_cache.h"
#include "mm/tlb.h"

struct task;
struct mm;

struct cpu {
    /* Read by assembly: CPU_* in arch/i386/offsets.inc. */
    struct cpu *self;          /* fs:0 */
    struct task *current;      /* fs:4, what runs here */
    uint8_t *global_stack_top; /* fs:8, valid under every CR3 */
    uint32_t exit_work;        /* fs:12, not 0: call task_exit_work() before
                                  returning to user mode; set by any CPU */

    /* Fixed after creation. */
    uint32_t index;
    cpu_mask bit; /* 1 << index */
    uint32_t apic_id;
    struct task *idle;

    /* Accessed by this CPU only. */
    struct mm *mm;           /* whose root CR3 holds; NULL: the kernel's own */
    uint32_t tlb_generation; /* of that MM: what the TLB is up to */
    uint32_t loading_generation; /* the same of an MM that is being loaded */
    struct task *moved;          /* just left and to be queued elsewhere */
    uint32_t switched_at;     /* cycle_counter() of the last switch, low word */
    struct counters counters; /* others may read */
    struct frame_cache frame_cache;
    uint32_t kmaps;      /* temporary mappings held, see mm/kmap.h */
    uint32_t kmap_slots; /* those of this CPU's own slots: kmap_atomic.c */
    struct cpu_machine machine;
#ifdef DEBUG
    struct held_locks held;
#endif

    /* Have their own locks or orders. */
    bool online; /* set once by the CPU itself */
    struct call call;
    struct flush_request flush; /* what this CPU asks others to flush */
    struct run_queue queue;
    struct timer_queue timers;
};

/* Indices 0 .. cpu_count-1 have a record; those in cpus_online run. */
extern struct cpu *cpus[MAX_CPUS];
extern uint32_t cpu_count;
extern cpu_mask cpus_online;

#define for_each_cpu(cpu)                                                   \
    for (uint32_t cpu##_i = 0; cpu##_i < cpu_count; cpu##_i++)              \
        if (!(cpus_online & (1u << cpu##_i)) || !((cpu) = cpus[cpu##_i])) { \
        } else

/*
 * Make the record, stacks and idle task of CPU `index`. 0 or -ENOMEM. Boot CPU,
 * in ascending order; for index 0 the record exists and the rest is added.
 */
int cpu_create(uint32_t index, uint32_t apic_id);

/* Prepare the boot CPU's record before anything else runs. */
struct cpu *cpu_boot_record(void);

/* The calling CPU takes part from now on. */
void cpu_set_online(void);

/* Fill row `index` of QUERY_CPUS; false past the end. */
struct abi_cpu;
bool cpu_row(uint32_t index, struct abi_cpu *row);
