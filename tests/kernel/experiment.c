/* SPDX-License-Identifier: MIT */
/* The call that finds an experiment by its number. */
#include "tests/kernel/experiment.h"

#include "kernel/abi/errno.h"
#include "kernel/syscall.h"

static int32_t (*const experiments[])(uint32_t, uint32_t, uint32_t) = {
#define EXPERIMENT(name, meaning) experiment_##name,
#include "kernel/abi/experiments.h"
#undef EXPERIMENT
};

/* which, three arguments of its own */
int32_t sys_experiment(const uint32_t *arg)
{
    if (arg[0] >= ARRAY_LENGTH(experiments))
        return -EINVAL;
    return experiments[arg[0]](arg[1], arg[2], arg[3]);
}
