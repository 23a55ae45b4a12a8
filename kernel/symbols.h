/* SPDX-License-Identifier: MIT */
/*
 * Names of the kernel's functions, embedded in the image by the second of two
 * links (tools/symbols makes the table from nm's output).
 */
#pragma once

#include "kernel/types.h"

/*
 * The function that `address` lies in, and how far in; NULL if none. Takes no
 * lock and no memory.
 */
const char *symbol_name(uintptr_t address, uint32_t *offset);
