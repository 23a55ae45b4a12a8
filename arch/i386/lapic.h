/* SPDX-License-Identifier: MIT */
/* The local APIC of the calling CPU. */
#pragma once

#include "kernel/types.h"

/* Map the registers. Boot CPU, once, before anything else here. */
void lapic_map(void);

/* Set up the calling CPU's: interrupts accepted, LINT1 is NMI, timer disarmed.
 */
void lapic_init_cpu(void);

/* This CPU's number; before lapic_map() from CPUID. */
uint32_t lapic_id(void);

/* Finish the interrupt that is being served. */
void lapic_end_of_interrupt(void);

/*
 * Send a command to one CPU: an interrupt's vector, or one of the two by which
 * a CPU is started, the second with the number of a page below 1 MiB.
 * Interrupts off.
 */
#define LAPIC_INIT    (5u << 8)
#define LAPIC_STARTUP (6u << 8)
void lapic_send(uint32_t apic_id, uint32_t command);

/* Send an NMI to one CPU. From anywhere, NMI handlers included. */
void lapic_send_nmi(uint32_t apic_id);

/* Take and clear the error bits (ESR). */
uint32_t lapic_take_errors(void);

/* The timer: one-shot, counts down from `count`; 0 disarms it. */
void lapic_timer_start(uint32_t count);
uint32_t lapic_timer_now(void);
