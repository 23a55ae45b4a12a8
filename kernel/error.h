/* SPDX-License-Identifier: MIT */
#pragma once

#include "kernel/types.h"

/* The name of a (positive) error number, as "ENOMEM"; NULL: there is none. */
const char *error_name(int32_t error);
