/* SPDX-License-Identifier: MIT */
/*
 * A memory object is what areas map that is not private to them: anonymous
 * memory that several MMs share, or a file of the initrd. It keeps its frames
 * in a sparse tree, which has a swap slot's number for what is paged out; a
 * frame has one reference of the object and one for each mapping. A page gets
 * its frame at first use, zeroed or filled from the file, with zeros behind the
 * file's end.
 *
 * There is at most one object for a file, so its text is in memory once,
 * whoever maps it. Objects lie in low memory: any MM may follow them.
 */
#pragma once

#include "kernel/list.h"
#include "kernel/mutex.h"
#include "kernel/source.h"
#include "kernel/types.h"

struct frame;

#define OBJECT_PAGES_MAX 0xfffffu /* so that its bytes fit in 32 bits */

struct object {
    /* Fixed after creation. */
    uint64_t serial;    /* no two objects ever have the same; for futexes */
    struct source file; /* of a file: its bytes, never written; else zero */

    uint32_t references; /* atomic */
    LINKS(object) links; /* all files, under object.c's lock */

    struct mutex lock; /* the fields below; inner to a quarter's */
    uint32_t bytes;    /* only grows, so others may read it */
    uint32_t height;   /* levels of nodes below: see object.c */
    void *root;        /* of the tree of frames: a node, or the only frame */
};

/*
 * Zero-filled memory of so many bytes; one reference. NULL when memory is out.
 * Does not sleep.
 */
struct object *object_create(uint32_t bytes);

/*
 * The object of a file of the initrd with one more reference: the one there is,
 * or a new one. NULL when memory is out. Does not sleep.
 */
struct object *object_of_file(const struct source *file);

/* One more reference for one who has one; one less, which may free it all. */
void object_get(struct object *object);
void object_put(struct object *object);

/*
 * The frame of page `index` with one more reference, the caller's. -ENXIO
 * behind the end, -ENOMEM. A quarter's lock may be held; takes the
 * object's, so it may sleep.
 */
MUST_CHECK int object_page(struct object *object, uint32_t index,
                           struct frame **frame);

/* Whether page `index` has a frame: for mincore. Takes the lock. */
bool object_has_page(struct object *object, uint32_t index);

/*
 * Page-out: of `count` pages from `index` on take those frames that nobody maps
 * or has pinned. A file's are freed at once (*freed counts them), others get a
 * slot each, at most `room`, which the caller has to write. How many slots.
 * Only tries for the lock.
 */
uint32_t object_page_out(struct object *object, uint32_t index, uint32_t count,
                         uint32_t *slot, uint32_t room, uint32_t *freed);

/*
 * Copy bytes out of an object: how many, which is up to the end of the page or
 * of the object, or -ENOMEM. Takes the lock.
 */
int object_read(struct object *object, uint64_t offset, void *buffer,
                uint32_t bytes);

/*
 * Make anonymous memory longer: 0 or -EFBIG. It never gets shorter (-EPERM, as
 * Linux says of memory sealed against that), so no page is ever taken from
 * those who map it. Two calls at once are the caller's to prevent.
 */
MUST_CHECK int object_grow(struct object *object, uint64_t bytes);
