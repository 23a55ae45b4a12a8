/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/types.h"

/*
 * Turn the machine off: QEMU's isa-debug-exit (port 0x501, which then ends
 * QEMU with (code << 1) | 1), Bochs's shutdown port, ACPI's soft off; else
 * stop. Safe in a panic: takes no lock, allocates nothing.
 */
NORETURN void power_off(uint8_t code);

/* Reset through the keyboard controller, then by a triple fault. */
NORETURN void power_restart(void);
