/* SPDX-License-Identifier: MIT */
/*
 * The switch from one task to another, inline for the scheduler alone. What is
 * saved beyond the stack: the FPU with FXSAVE, always (lazy saving leaks and is
 * slower on SMP), GS, which only programs use, and their entries of the GDT;
 * kernel threads have none of these.
 *
 * switch.asm sets ESP to the CPU's global stack, then CR3, then the new ESP: a
 * stack may be private to an MM, and ESP must be valid at every instant because
 * an NMI may push on it.
 */
#pragma once

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

/*
 * Interrupts off. The GDT's entries are copied, which is shorter than to look
 * whether they differ, through an SSE register that is about to be loaded; then
 * GS, which becomes null if its entry is no more, as in Linux.
 */
static inline void fpu_load(const struct task_machine *m)
{
    uint32_t gs = m->user_gs;
    __asm__ volatile("movups %1, %%xmm0\n\t"
                     "movups %%xmm0, %%fs:%c4\n\t"
                     "movlps 16+%1, %%xmm0\n\t"
                     "movlps %%xmm0, %%fs:%c4+16\n\t"
                     "fxrstor %2\n"
                     "1:\tmovl %0, %%gs\n\t"
                     ".pushsection .text.fixup,\"ax\"\n"
                     "2:\txorl %0, %0\n\tjmp 1b\n\t"
                     ".popsection\n\t"
                     ".pushsection .exceptions,\"a\"\n\t"
                     ".long 1b, 2b\n\t"
                     ".popsection"
                     : "+r"(gs)
                     : "m"(m->tls), "m"(m->fpu), "m"(*m),
                       "i"(offsetof(struct cpu, machine.gdt[TLS_FIRST]))
                     : "memory");
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
