/* SPDX-License-Identifier: MIT */
/*
 * The double fault's own task: it runs on its own stack under the kernel's
 * root, so the state it was started from can be looked at in peace. The usual
 * cause is a kernel stack that ran into its guard page: the page fault could
 * not be pushed. The kernel panics: the task that overflowed may hold locks and
 * have left structures half changed, so ending only the task would go on with
 * a kernel nobody can trust.
 */
#include "arch/i386/registers.h"
#include "arch/i386/trap.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/kstack.h"
#include "mm/mm.h"

void trap_double_fault(void)
{
    struct cpu *cpu = this_cpu();
    const struct tss *tss = &cpu->machine.tss; /* saved by the task switch */
    const struct task *task = cpu->current;
    uint32_t address = read_cr2();
    struct trap_frame frame = {
        .ebx = tss->ebx,
        .ecx = tss->ecx,
        .edx = tss->edx,
        .esi = tss->esi,
        .edi = tss->edi,
        .ebp = tss->ebp,
        .eax = tss->eax,
        .vector = VECTOR_DOUBLE_FAULT,
        .eip = tss->eip,
        .cs = tss->cs,
        .eflags = tss->eflags,
        .esp = tss->esp,
        .ss = tss->ss,
    };
    /* The faulting stack may be private to the MM: see it as the CPU did. */
    if (cpu->mm)
        paging_activate(&cpu->mm->tables);
    if (task && kstack_is_overflow(task->stack, tss->esp - 4))
        panic_at(&frame, "kernel stack overflow in task %u (%s), esp %08x",
                 task->tid, task->name, tss->esp);
    panic_at(&frame, "double fault, esp %08x, cr2 %08x", tss->esp, address);
}
