/* SPDX-License-Identifier: MIT */
/* Injected failure of allocations. See fail.h. */
#include "mm/fail.h"

int32_t fail_countdown;

uint32_t fail_set(uint32_t nth)
{
    int32_t before =
        __atomic_exchange_n(&fail_countdown, (int32_t)nth, __ATOMIC_RELAXED);
    return before > 0 ? (uint32_t)before : 0;
}
