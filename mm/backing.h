/* SPDX-License-Identifier: MIT */
/*
 * Where pages go that are paged out: so many slots of a page each. Whoever
 * stores them, here or one day in a user-level pager, offers these two
 * functions. A slot is written before it is read, and never both at once; one
 * may be read by several at once. Both may sleep: mutexes of quarters and
 * objects are held, no spin lock is.
 */
#pragma once

#include "kernel/types.h"

struct frame;

struct backing {
    const char *name;
    uint32_t pages;
    /* Copy between a slot and a frame: 0 or -EIO. */
    int (*write)(uint32_t slot, struct frame *frame);
    int (*read)(uint32_t slot, struct frame *frame);
};

/*
 * The store that boot option swap= asks for, in memory set aside; its pages
 * may be fewer than asked for, or none. Boot, once, after frame_init().
 */
const struct backing *backing_memory(void);
