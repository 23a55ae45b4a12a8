/* SPDX-License-Identifier: MIT */
/*
 * Other CPUs: find them, start them, interrupt them. Indices are Quartet's own
 * (0 is the boot CPU); APIC numbers stay inside arch/.
 */
#pragma once

#include "kernel/types.h"

/*
 * Read the firmware's tables (ACPI MADT, else MP tables, else one CPU), set up
 * the interrupt controllers and this CPU's local APIC. Boot only, interrupts
 * off, after kva_init().
 */
void smp_discover(void);

/* Usable CPUs that the firmware lists, the boot CPU too; at most MAX_CPUS. */
extern uint32_t smp_cpus_found;

/*
 * Start the CPUs 1 .. count-1, as far as there are any (INIT, SIPI, SIPI: SDM
 * vol. 3, 9.4.4), and wait until each has answered or a second has gone by.
 * Each of them enters secondary_main(). One that does not answer is logged and
 * left out.
 */
void smp_start(uint32_t count);

/* Ask one CPU to look at its run queue: cpu->exit_work is set already. */
void smp_send_reschedule(uint32_t cpu);

/* Make the CPUs in `targets` run call_serve(), see kernel/call.h. */
void smp_send_call(cpu_mask targets);

/* Send an NMI to every CPU but this one. Safe at any time, takes no lock. */
void smp_send_nmi_others(void);

/* The local APIC number of this CPU, readable before FS is set. */
uint32_t smp_apic_id(void);
