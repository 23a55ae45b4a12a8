/* SPDX-License-Identifier: MIT */
/* Time sources of the machine. All nanoseconds are 64 bits wide. */
#pragma once

#include "kernel/types.h"

/*
 * Calibrate the time stamp counter and the local APIC's timer against the PIT.
 * Boot CPU, once, interrupts off, after smp_discover().
 */
void clock_calibrate(void);

/*
 * Nanoseconds since the machine's reset, from the time stamp counter. Never
 * goes back on one CPU; between CPUs it is as synchronous as their counters.
 */
uint64_t clock_ns(void);

/* How long so many counts of cycle_counter() last. */
uint64_t clock_cycles_to_ns(uint64_t cycles);

/*
 * Let this CPU's timer interrupt once, `ns` nanoseconds from now (at least one
 * unit of the timer; longer waits than it can count end early). Calls
 * timer_interrupt() of kernel/timer.h. Interrupts off.
 */
void clock_arm(uint64_t ns);

/* Seconds since 1970-01-01 UTC as the CMOS clock says. Slow. */
uint64_t clock_read_cmos(void);

/* As calibrated. */
extern uint64_t clock_tsc_hz, clock_timer_hz;

/* Wait, without sleeping, for so many microseconds. After calibration. */
void clock_delay_us(uint32_t us);
