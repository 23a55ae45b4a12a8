/* SPDX-License-Identifier: MIT */
/* Claim C9: nothing but temporary mappings, to see what they cost. */
#include "kernel/abi/errno.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "tests/kernel/experiment.h"

/* `times` of them, of a page of high memory that is read each time. */
int32_t experiment_kmaps(uint32_t times, uint32_t b, uint32_t c)
{
    struct frame *frame = frame_alloc(FRAME_ANY);
    int32_t error = 0;
    (void)b, (void)c;
    if (!frame)
        return -ENOMEM;
    if (frame->zone == ZONE_LOW)
        error = -ENODEV; /* it would need no mapping */
    for (; !error && times; times--) {
        volatile uint32_t *page = kmap(frame);
        (void)*page;
        kunmap((void *)page);
    }
    frame_put(frame);
    return error;
}
