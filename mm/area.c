/* SPDX-License-Identifier: MIT */
/*
 * The treap of areas. What changes it goes down one path and brings what is
 * known of the subtrees up to date on the way back. These functions call
 * themselves as deep as the tree is: about twice the logarithm of the areas,
 * whose number MM_AREAS_MAX bounds.
 *
 * A program that could guess the numbers would choose its addresses so that the
 * tree is a list, as deep as it has areas, and our stack would not hold it.
 */
#include "mm/area.h"

#include "kernel/abi/errno.h"
#include "machine/cpu.h"
#include "mm/object.h"
#include "mm/slab.h"

static struct slab_cache area_cache =
    SLAB_CACHE("areas", sizeof(struct area), 8);

/*
 * A number that looks random, from a secret start: a sequence of all numbers
 * (Weyl) and two rounds of multiply and shift.
 */
static uint32_t draw(void)
{
    static uint32_t drawn; /* atomic; 0: not begun */
    if (!__atomic_load_n(&drawn, __ATOMIC_RELAXED))
        __atomic_store_n(&drawn, cpu_random() | 1, __ATOMIC_RELAXED);
    uint32_t x = __atomic_add_fetch(&drawn, 0x9e3779b9u, __ATOMIC_RELAXED);
    x = (x ^ x >> 16) * 0x85ebca6bu;
    x = (x ^ x >> 13) * 0xc2b2ae35u;
    return x ^ x >> 16;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Work out what an area knows of its subtree. */
static void update(struct area *area)
{
    const struct area *low = area->low, *high = area->high;
    uint32_t hole = 0;
    area->first = area->start;
    area->last = area->end;
    area->count = 1 + (low ? low->count : 0) + (high ? high->count : 0);
    if (low) {
        area->first = low->first;
        hole = larger(low->hole, area->start - low->last);
    }
    if (high) {
        area->last = high->last;
        hole = larger(hole, larger(high->hole, high->first - area->end));
    }
    area->hole = hole;
}

/* Divide a tree: areas that begin below `key`, and the others. */
static void split(struct area *tree, uint32_t key, struct area **low,
                  struct area **high)
{
    if (!tree) {
        *low = *high = NULL;
        return;
    }
    if (tree->start < key) {
        split(tree->high, key, &tree->high, high);
        *low = tree;
    } else {
        split(tree->low, key, low, &tree->low);
        *high = tree;
    }
    update(tree);
}

/* One tree of two, all of `low` being below all of `high`. */
static struct area *join(struct area *low, struct area *high)
{
    if (!low || !high)
        return low ? low : high;
    if (low->priority > high->priority) {
        low->high = join(low->high, high);
        update(low);
        return low;
    }
    high->low = join(low, high->low);
    update(high);
    return high;
}

/* Add an area that overlaps none. Returns the new root, as do the next two. */
static struct area *insert(struct area *tree, struct area *area)
{
    if (!tree || area->priority > tree->priority) {
        split(tree, area->start, &area->low, &area->high);
        tree = area;
    } else if (area->start < tree->start) {
        tree->low = insert(tree->low, area);
    } else {
        tree->high = insert(tree->high, area);
    }
    update(tree);
    return tree;
}

/* Take one out. */
static struct area *take_out(struct area *tree, const struct area *area)
{
    if (tree == area)
        return join(tree->low, tree->high);
    if (area->start < tree->start)
        tree->low = take_out(tree->low, area);
    else
        tree->high = take_out(tree->high, area);
    update(tree);
    return tree;
}

/* One has other ends than before, its neighbours being the same. */
static void refresh(struct area *tree, const struct area *area)
{
    if (tree != area)
        refresh(area->start < tree->start ? tree->low : tree->high, area);
    update(tree);
}

struct area *area_find(struct area *root, uint32_t address)
{
    struct area *found = NULL;
    while (root) {
        if (root->end > address) {
            found = root;
            root = root->low;
        } else {
            root = root->high;
        }
    }
    return found;
}

struct area *area_below(struct area *root, uint32_t address)
{
    struct area *found = NULL;
    while (root) {
        if (root->start < address) {
            found = root;
            root = root->high;
        } else {
            root = root->low;
        }
    }
    return found;
}

/* Whether [from, to), where only `tree` is, has a hole of that length. */
static bool has_room(const struct area *tree, uint32_t from, uint32_t to,
                     uint32_t length)
{
    if (!tree)
        return to > from && to - from >= length;
    return tree->hole >= length ||
           (tree->first > from && tree->first - from >= length) ||
           (to > tree->last && to - tree->last >= length);
}

/*
 * The right subtree first, because the highest place is wanted. A subtree that
 * has_room() says yes to can disappoint only if it reaches over `to`: at most
 * one a level, so this goes down two paths at worst.
 */
uint32_t area_room(const struct area *root, uint32_t from, uint32_t to,
                   uint32_t length)
{
    if (!has_room(root, from, to, length))
        return 0;
    if (!root)
        return to - length;
    uint32_t found = 0;
    if (root->end < to)
        found = area_room(root->high, larger(root->end, from), to, length);
    if (!found && root->start > from)
        found = area_room(root->low, from, root->start < to ? root->start : to,
                          length);
    return found;
}

/* Whether b goes on where a ends, in every respect. */
static bool alike(const struct area *a, const struct area *b)
{
    return a->end == b->start && a->flags == b->flags &&
           a->object == b->object &&
           (!a->object || area_page(a, a->end) == b->offset);
}

static struct area *create(uint32_t start, uint32_t end,
                           const struct area *like, uint32_t offset)
{
    struct area *area = slab_alloc(&area_cache);
    if (!area)
        return NULL;
    *area = (struct area){.start = start,
                          .end = end,
                          .priority = draw(),
                          .flags = like->flags,
                          .object = like->object,
                          .offset = offset};
    if (area->object)
        object_get(area->object);
    update(area);
    return area;
}

static void destroy(struct area *area)
{
    if (area->object)
        object_put(area->object);
    slab_free(&area_cache, area);
}

int area_add(struct area **root, uint32_t start, uint32_t end,
             const struct area *like)
{
    struct area wanted = {.start = start,
                          .end = end,
                          .flags = like->flags,
                          .object = like->object,
                          .offset = like->offset};
    struct area *area = area_below(*root, start);
    if (area && alike(area, &wanted)) {
        area->end = end;
        refresh(*root, area);
    } else {
        area = create(start, end, like, like->offset);
        if (!area)
            return -ENOMEM;
        *root = insert(*root, area);
    }
    area_join(root, area, area_find(*root, end));
    return 0;
}

/* The same tree, with the same numbers: nothing has to be compared. */
static int copy_all(const struct area *area, struct area **copy)
{
    if (!area)
        return 0;
    struct area *own = slab_alloc(&area_cache);
    if (!own)
        return -ENOMEM;
    *own = *area;
    own->low = own->high = NULL;
    if (own->object)
        object_get(own->object);
    *copy = own;
    return copy_all(area->low, &own->low) || copy_all(area->high, &own->high)
               ? -ENOMEM
               : 0;
}

int area_copy(const struct area *root, struct area **copy)
{
    int error = copy_all(root, copy);
    struct area *a = error ? NULL : area_find(*copy, 0), *next;
    for (; a; a = next) {
        next = area_find(*copy, a->end);
        a->flags &= ~AREA_LOCKED;
        if (a->flags & AREA_NO_FORK) {
            *copy = take_out(*copy, a);
            destroy(a);
        }
    }
    return error;
}

void area_grow(struct area **root, struct area *area, uint32_t start)
{
    area->start = start;
    refresh(*root, area);
}

struct area *area_divide(struct area **root, struct area *area,
                         uint32_t address)
{
    struct area *rest =
        create(address, area->end, area, area_page(area, address));
    if (!rest)
        return NULL;
    /* Neighbours: one is above the other, so insert() updates both. */
    area->end = address;
    *root = insert(*root, rest);
    return rest;
}

struct area *area_join(struct area **root, struct area *before,
                       struct area *after)
{
    if (!before || !after || !alike(before, after))
        return after;
    *root = take_out(*root, after);
    before->end = after->end;
    refresh(*root, before);
    destroy(after);
    return before;
}

int area_cut(struct area **root, uint32_t start, uint32_t end,
             struct area **cut)
{
    struct area *high, *area = area_find(*root, start);
    *cut = NULL;
    if (!area || area->start >= end)
        return 0;
    /* A division that was not needed in the end is no visible change. */
    if (area->start < start && !(area = area_divide(root, area, start)))
        return -ENOMEM;
    if (area->end < end)
        area = area_below(*root, end);
    if (area->end > end && !area_divide(root, area, end))
        return -ENOMEM;
    *cut = area_find(*root, start);
    if ((*cut)->end == end) { /* mostly it is just one */
        *root = take_out(*root, *cut);
        (*cut)->low = (*cut)->high = NULL;
        update(*cut);
        return 0;
    }
    split(*root, start, root, cut);
    split(*cut, end, cut, &high);
    *root = join(*root, high);
    return 0;
}

/* Turn the tree into a list as it is freed: no recursion. */
uint32_t area_free_all(struct area *root)
{
    uint32_t pages = 0;
    while (root) {
        struct area *next = root->low;
        if (next) {
            root->low = next->high;
            next->high = root;
        } else {
            next = root->high;
            pages += (root->end - root->start) >> PAGE_SHIFT;
            destroy(root);
        }
        root = next;
    }
    return pages;
}
