/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/types.h"

/* The boot CPU, on the boot stack, interrupts off, paging set up. */
NORETURN void kernel_main(void);

/* Any other CPU, on its global stack, interrupts off. */
NORETURN void secondary_main(void);
