/* SPDX-License-Identifier: MIT */
/* Dumps by NMI. See dump.h. */
#include "kernel/dump.h"

#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/debug.h"
#include "machine/smp.h"
#include "mm/mm.h"

#define TURN_TRIES 20000000u

static uint32_t stopping;
static uint32_t turn; /* 1: a CPU is printing */

/* Wait for the turn to print, but not for ever: its holder may be stuck. */
static void take_turn(void)
{
    for (uint32_t i = 0; i < TURN_TRIES; i++) {
        if (!__atomic_exchange_n(&turn, 1, __ATOMIC_ACQUIRE))
            return;
        cpu_pause();
    }
}

#ifdef DEBUG
static void print_locks(const struct cpu *cpu)
{
    for (uint32_t i = 0; i < cpu->held.count && i < HELD_LOCKS; i++)
        log_raw("  holds %s", cpu->held.lock[i]->name);
}
#endif

static void print_cpu(const struct trap_frame *frame)
{
    const struct cpu *cpu = this_cpu();
    const struct task *task = cpu->current;
    take_turn();
    log_raw("CPU %u: task %u (%s), MM %u", cpu->index, task ? task->tid : 0,
            task ? task->name : "none", cpu->mm ? cpu->mm->id : 0);
    debug_print_backtrace(frame);
    DEBUG_DO(print_locks(cpu));
    __atomic_store_n(&turn, 0, __ATOMIC_RELEASE);
}

void dump_nmi(const struct trap_frame *frame)
{
    if (__atomic_load_n(&stopping, __ATOMIC_ACQUIRE))
        cpu_stop();
    print_cpu(frame);
}

void dump_all_cpus(void)
{
    log_raw("--- what the CPUs are doing ---");
    print_cpu(NULL);
    smp_send_nmi_others();
}

void dump_stop_others(void)
{
    __atomic_store_n(&stopping, 1, __ATOMIC_RELEASE);
    smp_send_nmi_others();
}
