/* SPDX-License-Identifier: MIT */
/* Descriptor tables and CPU features of the calling CPU. */
#pragma once

#include "kernel/types.h"

struct cpu;

/* Fill the IDT, the same for all CPUs. Boot CPU, once. */
void descriptors_init(void);

/*
 * Load GDT, IDT, TSS and segment registers of the calling CPU, whose record is
 * `cpu`. From here on this_cpu() works.
 */
void descriptors_init_cpu(struct cpu *cpu);

/* Look at CPUID; boot CPU, once, before any other function here. */
void cpu_detect_features(void);

/* Set the calling CPU's CR0, CR4 and EFER accordingly. */
void cpu_init_features(void);
