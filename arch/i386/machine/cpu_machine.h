/* SPDX-License-Identifier: MIT */
/*
 * The part of a CPU's record that the machine defines: descriptor tables and
 * task-state segments. The GDT has the selectors that Linux on i386 gives to
 * user programs (CS 0x73, DS 0x7b, TLS 0x33), because programs store them.
 */
#pragma once

#include "kernel/types.h"

#define GDT_ENTRIES 32
#define TLS_FIRST   6 /* of the entries that the running task fills */
#define TLS_ENTRIES 3

/* SDM vol. 3, figure 7-2. */
struct tss {
    uint32_t link;
    uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
    uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_map;
};

struct cpu_machine {
    uint64_t gdt[GDT_ENTRIES] __attribute__((aligned(8)));
    struct tss tss;              /* names the stack for entries from user */
    struct tss double_fault_tss; /* a task of its own: works without a stack */
    uint8_t *double_fault_stack_top;
};

struct cpu;

/* The record has its stacks: point the task-state segments at them. */
void cpu_machine_init(struct cpu *cpu);
