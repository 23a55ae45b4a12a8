/* SPDX-License-Identifier: MIT */
/*
 * GDT, TSS and IDT (SDM vol. 3, chapters 3, 6 and 7). Each CPU has its own GDT
 * and TSSs inside its record; the IDT is common.
 *
 * The double fault has a task gate: the CPU switches to a TSS with its own
 * stack and root, so it can be reported when the current stack has overflowed
 * and nothing can be pushed any more.
 */
#include "arch/i386/descriptors.h"

#include "arch/i386/paging.h"
#include "arch/i386/selectors.h"
#include "arch/i386/trap.h"
#include "kernel/cpu.h"

/* Types of descriptors (SDM vol. 3, 3.4.5.1 and 3.5), DPL in bits 5 and 6. */
#define SEGMENT_CODE   0x9a
#define SEGMENT_DATA   0x92
#define SEGMENT_TSS    0x89
#define GATE_TASK      0x85
#define GATE_INTERRUPT 0x8e
#define GATE_TRAP      0x8f
#define DPL_USER       0x60

#define EFLAGS_FIXED 0x2

static uint64_t idt[256] __attribute__((aligned(8)));

struct __attribute__((packed)) table_register {
    uint16_t limit;
    uint32_t base;
};

/* `pages`: the limit counts pages, and the segment is 32 bits wide. */
static uint64_t segment(uint32_t base, uint32_t limit, uint8_t type, bool pages)
{
    uint32_t low = (limit & 0xffff) | base << 16;
    uint32_t high = (base & 0xff000000) | (limit & 0xf0000) |
                    (uint32_t)type << 8 | (base >> 16 & 0xff) |
                    (pages ? 0xc00000 : 0);
    return (uint64_t)high << 32 | low;
}

static uint64_t gate(void (*entry)(void), uint8_t type)
{
    uint32_t at = (uintptr_t)entry;
    return (uint64_t)((at & 0xffff0000) | (uint32_t)type << 8) << 32 |
           (uint32_t)KERNEL_CS << 16 | (at & 0xffff);
}

void descriptors_init(void)
{
    for (uint32_t v = 0; v < 256; v++)
        idt[v] = gate(trap_entries[v], GATE_INTERRUPT);
    idt[VECTOR_NMI] = gate(trap_nmi_entry, GATE_INTERRUPT);
    /* What a program may raise by an instruction of its own. */
    idt[VECTOR_BREAKPOINT] =
        gate(trap_entries[VECTOR_BREAKPOINT], GATE_INTERRUPT | DPL_USER);
    idt[VECTOR_OVERFLOW] =
        gate(trap_entries[VECTOR_OVERFLOW], GATE_INTERRUPT | DPL_USER);
    idt[VECTOR_SYSCALL] = gate(trap_syscall_entry, GATE_TRAP | DPL_USER);
    idt[VECTOR_DOUBLE_FAULT] =
        (uint64_t)(GATE_TASK << 8) << 32 | (uint32_t)DOUBLE_FAULT_TSS << 16;
}

void cpu_machine_init(struct cpu *cpu)
{
    cpu->machine.tss.esp0 = (uintptr_t)cpu->global_stack_top;
    cpu->machine.double_fault_tss = (struct tss){
        .cr3 = kernel_cr3,
        .eip = (uintptr_t)trap_double_fault_entry,
        .eflags = EFLAGS_FIXED,
        .esp = (uintptr_t)cpu->machine.double_fault_stack_top,
        .cs = KERNEL_CS,
        .ss = KERNEL_DS,
        .ds = KERNEL_DS,
        .es = KERNEL_DS,
        .fs = CPU_SELECTOR,
        .io_map = sizeof(struct tss),
    };
}

static void fill_gdt(struct cpu *cpu)
{
    uint64_t *gdt = cpu->machine.gdt;
    gdt[KERNEL_CS / 8] = segment(0, 0xfffff, SEGMENT_CODE, true);
    gdt[KERNEL_DS / 8] = segment(0, 0xfffff, SEGMENT_DATA, true);
    gdt[USER_CS / 8] = segment(0, 0xfffff, SEGMENT_CODE | DPL_USER, true);
    gdt[USER_DS / 8] = segment(0, 0xfffff, SEGMENT_DATA | DPL_USER, true);
    gdt[CPU_SELECTOR / 8] =
        segment((uintptr_t)cpu, 0xfffff, SEGMENT_DATA, true);
    gdt[TSS_SELECTOR / 8] = segment((uintptr_t)&cpu->machine.tss,
                                    sizeof(struct tss) - 1, SEGMENT_TSS, false);
    gdt[DOUBLE_FAULT_TSS / 8] =
        segment((uintptr_t)&cpu->machine.double_fault_tss,
                sizeof(struct tss) - 1, SEGMENT_TSS, false);
}

void descriptors_init_cpu(struct cpu *cpu)
{
    cpu->self = cpu;
    cpu->machine.tss.ss0 = KERNEL_DS;
    cpu->machine.tss.io_map = sizeof(struct tss); /* no port for programs */
    fill_gdt(cpu);

    struct table_register gdtr = {sizeof(cpu->machine.gdt) - 1,
                                  (uintptr_t)cpu->machine.gdt};
    struct table_register idtr = {sizeof(idt) - 1, (uintptr_t)idt};
    __asm__ volatile("lgdt %0\n\t"
                     "ljmp %1, $1f\n"
                     "1:\n\t"
                     "movl %2, %%ds\n\t"
                     "movl %2, %%es\n\t"
                     "movl %2, %%ss\n\t"
                     "movl %3, %%fs\n\t"
                     "movl %4, %%gs\n\t"
                     "lidt %5\n\t"
                     "ltr %w6"
                     :
                     : "m"(gdtr), "i"(KERNEL_CS), "r"(KERNEL_DS),
                       "r"(CPU_SELECTOR), "r"(0), "m"(idtr), "r"(TSS_SELECTOR)
                     : "memory");
}
