/* SPDX-License-Identifier: MIT */
/*
 * The switch from one task to another, inline for the scheduler alone. What is
 * saved beyond the stack: the FPU with FXSAVE, always (lazy saving leaks and is
 * slower on SMP), and GS, which only programs use; kernel threads have neither.
 *
 * switch.asm sets ESP to the CPU's global stack, then CR3, then the new ESP: a
 * stack may be private to an MM, and ESP must be valid at every instant because
 * an NMI may push on it.
 */
#ifndef MACHINE_SWITCH_H
#define MACHINE_SWITCH_H

#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/task.h"
#include "mm/mm.h"

/* As a program finds the FPU. */
void fpu_init(struct task_machine *m);

void switch_stacks(ukva_t *save, ukva_t next, uint32_t cr3);
NORETURN void load_context(uint32_t unused, ukva_t next, uint32_t cr3);

static inline void fpu_save(struct task_machine *m)
{
    __asm__ volatile("fxsave %0\n\tmovl %%gs, %1"
                     : "=m"(m->fpu), "=r"(m->user_gs));
}

static inline void fpu_load(const struct task_machine *m)
{
    __asm__ volatile("fxrstor %0\n\tmovl %1, %%gs"
                     :
                     : "m"(m->fpu), "r"(m->user_gs));
}

/* The root to load for `to`, 0 if its MM is loaded or it borrows one. */
static inline uint32_t context_root(struct cpu *cpu, const struct task *to)
{
    if (!to->mm || to->mm == cpu->mm)
        return 0;
    count_add(&cpu->counters.value[COUNTER_cr3_loads], 1);
    return to->mm->tables.cr3;
}

/*
 * Save `from`, go on with `to`, whose MM has been entered (mm_enter); returns
 * when `from` is switched to again, perhaps on another CPU. Interrupts off,
 * `to` is already current.
 */
static inline void context_switch(struct cpu *cpu, struct task *from,
                                  struct task *to)
{
    if (from->mm)
        fpu_save(&from->machine);
    cpu->machine.tss.esp0 = task_stack_top(to);
    switch_stacks(&from->stack_pointer, to->stack_pointer,
                  context_root(cpu, to));
    if (from->mm)
        fpu_load(&from->machine);
}

/* The same without a task to save; never returns. On the global stack. */
static inline NORETURN void context_start(struct cpu *cpu, struct task *to)
{
    cpu->machine.tss.esp0 = task_stack_top(to);
    load_context(0, to->stack_pointer, context_root(cpu, to));
}

#endif
