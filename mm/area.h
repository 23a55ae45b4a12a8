/* SPDX-License-Identifier: MIT */
/*
 * Areas: which user addresses mean something, and what may be done there. The
 * areas of a quarter form a treap: a binary tree by address that is a heap by
 * a number which looks random, and so is balanced whatever is mapped (Seidel
 * and Aragon, "Randomized Search Trees", 1996). Each node knows the extent of
 * its subtree and the largest hole in it, so room is found by going down one
 * path. Guarded by the quarter's lock.
 */
#pragma once

#include "kernel/types.h"
#include "machine/paging.h"

struct object;

/* What programs ask for: as PROT_READ and so on. None of them: no access. */
#define AREA_READ    1u
#define AREA_WRITE   2u
#define AREA_EXECUTE 4u
#define AREA_ACCESS  (AREA_READ | AREA_WRITE | AREA_EXECUTE)

#define AREA_SHARED   8u   /* writes are seen by all who map the object */
#define AREA_STACK    16u  /* grows down when the page below it is touched */
#define AREA_NO_FORK  32u  /* a forked child does not get it */
#define AREA_NO_WRITE 64u  /* the object was opened for reading: never write */
#define AREA_LOCKED   128u /* its pages are not paged out; a child's are */

/* A run of pages that are alike. */
struct area {
    struct area *low, *high;    /* subtrees of lower and of higher addresses */
    uint32_t first, last, hole; /* of the subtree: extent, largest hole */
    uint32_t count;             /* of the subtree: areas */
    uint32_t priority;          /* at least those of the subtrees */
    uint32_t start, end;        /* [start, end), page-aligned */
    uint32_t flags;             /* AREA_* */
    struct object *object;      /* what it shows, with a reference, or NULL: */
    uint32_t offset;            /* zeros; page of the object at `start` */
};

/* With which MAP_ rights its pages are mapped, copy-on-write apart. */
static inline uint32_t area_rights(const struct area *area)
{
    _Static_assert(AREA_WRITE == MAP_WRITE && AREA_EXECUTE << 8 == MAP_EXECUTE,
                   "rights need no translation");
    uint32_t rights = area->flags & AREA_ACCESS;
    return rights ? (rights & AREA_WRITE) | (rights & AREA_EXECUTE) << 8
                  : MAP_HELD;
}

/* The page of the object that an area shows at `address`. */
static inline uint32_t area_page(const struct area *area, uint32_t address)
{
    return area->offset + ((address - area->start) >> PAGE_SHIFT);
}

/* The area that holds `address`, else the next one above, else NULL. */
struct area *area_find(struct area *root, uint32_t address);

/* The last area that begins below `address`, or NULL. */
struct area *area_below(struct area *root, uint32_t address);

/*
 * The highest place for `length` bytes in [from, to) that no area is in, 0 if
 * there is none.
 */
uint32_t area_room(const struct area *root, uint32_t from, uint32_t to,
                   uint32_t length);

/*
 * Add [start, end), which overlaps no area, with flags, object and offset as in
 * `like`, joining it with neighbours that it continues. Takes a reference to
 * the object. 0 or -ENOMEM.
 */
int area_add(struct area **root, uint32_t start, uint32_t end,
             const struct area *like);

/*
 * A copy of a tree, without the areas that a forked child does not get. 0, or
 * -ENOMEM with part of it in *copy.
 */
int area_copy(const struct area *root, struct area **copy);

/* Let an area grow down to `start`; nothing lies there. */
void area_grow(struct area **root, struct area *area, uint32_t start);

/* Divide an area at an address inside: the upper part, or NULL: no memory. */
struct area *area_divide(struct area **root, struct area *area,
                         uint32_t address);

/*
 * If one area, not NULL, continues the other, make one of them. Returns the
 * one that `after` is in now.
 */
struct area *area_join(struct area **root, struct area *before,
                       struct area *after);

/*
 * Take the part of the tree in [start, end) out, as a tree of its own in *cut.
 * Areas that reach over an end are divided. 0, or -ENOMEM with nothing changed
 * that can be seen.
 */
int area_cut(struct area **root, uint32_t start, uint32_t end,
             struct area **cut);

/* Free a whole tree, objects' references too; how many pages it covered. */
uint32_t area_free_all(struct area *root);
