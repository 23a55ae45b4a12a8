/* SPDX-License-Identifier: MIT */
/* What the experiment about pools of temporary mappings reports. */
#pragma once

#include <stdint.h>

enum { POOL_TASK, POOL_CPU, POOL_MM };

#define POOL_ROW   8u /* slots of a pool: far fewer than a TLB has entries */
#define POOL_READS (POOL_ROW * 4)

/* Which pages are mapped and read where: on CPU 0, or on another one. */
#define POOL_STEPS                                                    \
    {                                                                 \
        {POOL_ROW, 0, 0}, {POOL_ROW / 2, 1, 1}, {POOL_ROW / 2, 0, 0}, \
            {POOL_ROW * 2, 1, 0}, /* after a sleep */                 \
    }
struct abi_pool_step {
    uint32_t pages, mapper, reader;
};

struct abi_pool_read {
    uint16_t wanted, found; /* which page */
};
