/* SPDX-License-Identifier: MIT */
/* A CPU's own stock of free frames; see frame.c. */
#pragma once

#include "kernel/types.h"

struct frame;

enum zone { ZONE_LOW, ZONE_HIGH, ZONES };

#define FRAME_CACHE_SIZE  32 /* frames a zone */
#define FRAME_CACHE_BATCH 16 /* moved to or from the zone at once */

struct frame_cache {
    uint32_t count[ZONES];
    struct frame *frame[ZONES][FRAME_CACHE_SIZE];
};
