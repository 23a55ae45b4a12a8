/* SPDX-License-Identifier: MIT */
/* What the experiment note_read answers. */
#pragma once

#include <stdint.h>

struct abi_note {
    uint32_t tid;                   /* whose note it is */
    uint32_t on_stack, in_slab;     /* the addresses that were followed */
    uint32_t from_stack, from_slab; /* the words that were found there */
    uint32_t absent;                /* nothing is mapped at on_stack here */
};
