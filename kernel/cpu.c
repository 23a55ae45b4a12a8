/* SPDX-License-Identifier: MIT */
/*
 * Records of CPUs. The boot CPU's is static, because this_cpu() must work
 * before there is memory; the others lie in frames of their own.
 */
#include "kernel/cpu.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/query.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/paging.h"
#include "machine/time.h"
#include "mm/kva.h"

struct cpu *cpus[MAX_CPUS];
uint32_t cpu_count;
cpu_mask cpus_online;

static struct cpu boot_cpu;

#define GLOBAL_STACK_PAGES       2
#define DOUBLE_FAULT_STACK_PAGES 1

struct cpu *cpu_boot_record(void)
{
    cpus[0] = &boot_cpu;
    cpu_count = 1;
    boot_cpu.self = &boot_cpu;
    return &boot_cpu;
}

/* The end of a new stack in global memory, or NULL. */
static uint8_t *new_stack(uint32_t pages)
{
    uint8_t *stack = kva_alloc(pages, FRAME_LOW);
    return stack ? stack + pages * PAGE_SIZE : NULL;
}

int cpu_create(uint32_t index, uint32_t apic_id)
{
    uint32_t pages = round_up(sizeof(struct cpu), PAGE_SIZE) / PAGE_SIZE;
    struct cpu *cpu = index ? kva_alloc(pages, FRAME_LOW) : &boot_cpu;
    if (!cpu)
        return -ENOMEM;
    if (index)
        memset(cpu, 0, sizeof(*cpu));
    cpu->self = cpu;
    cpu->index = index;
    cpu->bit = 1u << index;
    cpu->apic_id = apic_id;
    spin_init(&cpu->queue.lock, "run queue", RANK_RUNQUEUE);
    spin_init(&cpu->timers.lock, "timers", RANK_TIMER);
    cpu->global_stack_top = new_stack(GLOBAL_STACK_PAGES);
    cpu->machine.double_fault_stack_top = new_stack(DOUBLE_FAULT_STACK_PAGES);
    cpu->idle = task_create_idle(index);
    /* At boot: what was taken for a CPU that is left out stays taken. */
    if (!cpu->global_stack_top || !cpu->machine.double_fault_stack_top ||
        !cpu->idle)
        return -ENOMEM;
    cpu_machine_init(cpu);
    cpus[index] = cpu;
    if (index >= cpu_count)
        cpu_count = index + 1;
    return 0;
}

void cpu_set_online(void)
{
    struct cpu *cpu = this_cpu();
    cpu->current = cpu->idle;
    cpu->idle->run_cycles = -cycle_counter();
    __atomic_fetch_or(&cpus_online, cpu->bit, __ATOMIC_SEQ_CST);
    tlb_flush_local_global(); /* what was asked for before we were listed */
    __atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
}

bool cpu_row(uint32_t index, struct abi_cpu *row)
{
    struct cpu *cpu;
    for_each_cpu (cpu) {
        if (index--)
            continue;
        uint32_t interrupts = interrupts_save();
        spin_lock_raw(&cpu->queue.lock);
        const struct task *task = cpu->current;
        *row =
            (struct abi_cpu){.index = cpu->index,
                             .apic_id = cpu->apic_id,
                             .current_tid = task->tid,
                             .ready = cpu->queue.count,
                             .switches = cpu->counters.value[COUNTER_switches]};
        string_copy(row->name, task->name, sizeof(row->name));
        spin_unlock_raw(&cpu->queue.lock);
        interrupts_restore(interrupts);
        row->idle_ns = clock_cycles_to_ns(sched_run_cycles(cpu->idle));
        return true;
    }
    return false;
}
