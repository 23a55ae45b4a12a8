/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_ERROR_H
#define KERNEL_ERROR_H

#include "kernel/types.h"

/* The name of a (positive) error number, as "ENOMEM"; NULL: there is none. */
const char *error_name(int32_t error);

#endif
