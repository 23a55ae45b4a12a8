/* SPDX-License-Identifier: MIT */
/* Names of error numbers, from the one list in abi/errno.h. */
#include "kernel/error.h"

#include "kernel/abi/errno.h"

const char *error_name(int32_t error)
{
    switch (error) {
#define CASE(name, number, meaning) \
    case number:                    \
        return #name;
        ERROR_LIST(CASE)
#undef CASE
    default:
        return NULL;
    }
}
