/* SPDX-License-Identifier: MIT */
/* Interrupts of devices and of other CPUs, by vector. */
#pragma once

#include "kernel/types.h"

/*
 * Serve one interrupt: count it, acknowledge it, run its handler. Called by
 * the trap entry for every vector from 32 on but that of system calls, with
 * interrupts off; returns with interrupts off and does not sleep.
 */
void interrupt_handle(uint32_t vector);

/* In keyboard.c. Start: called by console_devices_start(); false if there is
 * no controller. */
bool keyboard_start(void);
void keyboard_interrupt(void);

/* A character from serial line or keyboard: to the console, or a command. */
void interrupt_console_input(char c);
