/* SPDX-License-Identifier: MIT */
/*
 * Character devices that the kernel drives itself until user-level drivers
 * take over. Output is polled and never drops a byte; input comes by interrupt
 * and goes to console_input() of kernel/console.h.
 */
#pragma once

#include "kernel/types.h"

/* Serial lines are named 1 to 4, as in COM1. */
#define SERIAL_PORTS 4

/* Set all serial lines to 115200 8N1, polled. No memory or lock needed. */
void serial_init(void);

/* Send one byte, waiting for room. Lines that are not there swallow it. */
void serial_put(uint32_t line, char c);

/* Clear the VGA text screen. */
void vga_init(void);

/* Write one character with \n, \r, \b, \t understood. Caller serialises. */
void vga_put(char c);

/*
 * Let the serial line `line` (1 or 2) and the keyboard interrupt the boot CPU.
 * After the interrupt controllers are set up.
 */
void console_devices_start(uint32_t line);

/* There is room for input again: take what was left in the serial line. */
void console_devices_resume(void);
