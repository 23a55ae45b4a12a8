/* SPDX-License-Identifier: MIT */
/* The I/O APIC at which the interrupts of ISA devices come in. */
#pragma once

#include "arch/i386/topology.h"

/* Map it and mask all its pins. Boot CPU, after kva_init(). */
void ioapic_init(const struct topology *t);

/*
 * Let ISA interrupt `irq` arrive as VECTOR_IRQ_BASE + irq at the CPU with that
 * APIC number. Boot CPU only: the registers are reached through an index, and
 * there is no lock. Does nothing but warn if no pin has the interrupt.
 */
void ioapic_enable_isa(uint32_t irq, uint32_t apic_id);
