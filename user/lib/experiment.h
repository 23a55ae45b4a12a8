/* SPDX-License-Identifier: MIT */
/* What a demonstration asks the kernel to do: kernel/abi/experiments.h. */
#pragma once

#include "user/lib/syscall.h"

enum experiment_number {
#define EXPERIMENT(name, meaning) EXPERIMENT_##name,
#include "kernel/abi/experiments.h"
#undef EXPERIMENT
};

/* Its result, an address or a negative error (is_error). */
static inline uint32_t experiment(enum experiment_number which, uint32_t a,
                                  uint32_t b, uint32_t c)
{
    const uint32_t arguments[6] = {which, a, b, c};

    return (uint32_t)system_call(SYS_experiment, arguments);
}

static inline int is_error(uint32_t result)
{
    return result >= (uint32_t)-4095;
}
