/* SPDX-License-Identifier: MIT */
/*
 * Interrupt vectors above the exceptions. A vector's high digit is its
 * priority class (SDM vol. 3, 10.8.3): calls to other CPUs, for which somebody
 * waits, come before all else. System calls use 0x80, which is no interrupt.
 */
#pragma once

#define VECTOR_IRQ_BASE   0x20 /* ISA interrupt n through the I/O APIC: +n */
#define VECTOR_PIC_BASE   0x30 /* where the masked 8259s would still point */
#define VECTOR_TIMER      0xe0
#define VECTOR_RESCHEDULE 0xe1
#define VECTOR_CALL       0xf0
#define VECTOR_ERROR      0xfe
#define VECTOR_SPURIOUS   0xff /* low four bits must be 1 on a P6 */

#define ISA_IRQS 16

#define IRQ_KEYBOARD    1
#define IRQ_SERIAL_EVEN 3 /* COM2, COM4 */
#define IRQ_SERIAL_ODD  4 /* COM1, COM3 */
