/* SPDX-License-Identifier: MIT */
/*
 * What demonstrations make the kernel do. One line in kernel/abi/experiments.h
 * and one function here, in the task that asks and on its stack: interrupts on,
 * no lock held. Its result is the call's.
 */
#pragma once

#include "kernel/types.h"

#define EXPERIMENT(name, meaning) \
    int32_t experiment_##name(uint32_t a, uint32_t b, uint32_t c);
#include "kernel/abi/experiments.h"
#undef EXPERIMENT
