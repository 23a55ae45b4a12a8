/* SPDX-License-Identifier: MIT */
/* The numbers of offsets.inc, held against the structures they describe. */
#include "arch/i386/selectors.h"
#include "arch/i386/trap.h"
#include "kernel/cpu.h"
#include "kernel/task.h"

_Static_assert(offsetof(struct cpu, self) == 0, "CPU_SELF");
_Static_assert(offsetof(struct cpu, current) == 4, "CPU_CURRENT");
_Static_assert(offsetof(struct cpu, global_stack_top) == 8, "CPU_GLOBAL_STACK");
_Static_assert(offsetof(struct cpu, exit_work) == 12, "CPU_EXIT_WORK");
_Static_assert(offsetof(struct task, stack_pointer) == 0, "TASK_STACK_POINTER");
_Static_assert(offsetof(struct trap_frame, eax) == 24, "FRAME_EAX");
_Static_assert(offsetof(struct trap_frame, vector) == 40, "FRAME_VECTOR");
_Static_assert(offsetof(struct trap_frame, cs) == 52, "FRAME_CS");
_Static_assert(KERNEL_CS == 0x60 && KERNEL_DS == 0x68 && CPU_SELECTOR == 0xd8,
               "selectors");
_Static_assert(sizeof(struct tss) == 104, "TSS");
