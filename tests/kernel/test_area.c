/* SPDX-License-Identifier: MIT */
/*
 * The tree of areas against a plain array of pages, step by step at random:
 * what each page shows, where areas begin, which room is found, and what a call
 * does when memory is out. After every step the tree must be in order, a heap,
 * know its extents, holes and counts, and hold one reference for each area to
 * what it shows. A failure prints the seed: put it into SEED to see it again.
 */
#include "kernel/abi/errno.h"
#include "machine/layout.h"
#include "machine/time.h"
#include "mm/area.h"
#include "mm/fail.h"
#include "mm/object.h"
#include "tests/kernel/crew.h"

#define SEED    0u /* 0: another one each time */
#define PAGES   96 /* that the model has */
#define STEPS   2500
#define OBJECTS 2
#define DEPTH   40 /* more than any treap of so few areas reaches */

static struct cell {
    bool used, begins; /* begins: the first page of an area */
    uint32_t flags, offset;
    struct object *object;
} cells[PAGES];

static struct {
    struct area *root;
    struct object *object[OBJECTS];
    uint32_t base, random;
    bool refused; /* for want of memory */
    bool ok;
} t;

#define EXPECT(condition) \
    ((condition) ||       \
     (t.ok && (log_warn("not so: %s", #condition), t.ok = false)))

static uint32_t below(uint32_t n)
{
    return fuzz_random(&t.random) % n;
}

static uint32_t address(uint32_t page)
{
    return t.base + page * PAGE_SIZE;
}

/* Check a subtree; what it found of it. */
static uint32_t check_tree(const struct area *a, uint32_t from, uint32_t to,
                           uint32_t depth)
{
    if (!a || !EXPECT(depth < DEPTH))
        return 0;
    EXPECT(a->start >= from && a->start < a->end && a->end <= to);
    uint32_t count = 1, hole = 0, first = a->start, last = a->end;
    const struct area *side[] = {a->low, a->high};
    for (uint32_t i = 0; i < 2; i++)
        if (side[i])
            EXPECT(side[i]->priority <= a->priority);
    count += check_tree(a->low, from, a->start, depth + 1);
    count += check_tree(a->high, a->end, to, depth + 1);
    if (a->low) {
        first = a->low->first;
        hole = a->start - a->low->last;
        hole = a->low->hole > hole ? a->low->hole : hole;
    }
    if (a->high) {
        last = a->high->last;
        uint32_t gap = a->high->first - a->end;
        gap = a->high->hole > gap ? a->high->hole : gap;
        hole = gap > hole ? gap : hole;
    }
    EXPECT(a->count == count && a->hole == hole);
    EXPECT(a->first == first && a->last == last);
    return count;
}

/* The tree shows what the model has, and only its areas have references. */
static void check_all(void)
{
    uint32_t areas = 0, references[OBJECTS] = {0};
    for (uint32_t i = 0; i < PAGES && t.ok; i++) {
        const struct cell *c = &cells[i];
        const struct area *a = area_find(t.root, address(i));
        bool used = a && a->start <= address(i);
        EXPECT(used == c->used);
        if (!used || !t.ok)
            continue;
        EXPECT((a->start == address(i)) == c->begins);
        EXPECT(a->flags == c->flags && a->object == c->object);
        EXPECT(!a->object ||
               a->offset + ((address(i) - a->start) >> PAGE_SHIFT) ==
                   c->offset);
        areas += c->begins;
        for (uint32_t o = 0; o < OBJECTS; o++)
            references[o] += c->begins && c->object == t.object[o];
    }
    EXPECT(check_tree(t.root, t.base, address(PAGES), 0) == areas);
    for (uint32_t o = 0; o < OBJECTS; o++)
        EXPECT(t.object[o]->references == 1 + references[o]);
}

/* Whether page i goes on where the one before it ends. */
static bool alike(uint32_t i)
{
    const struct cell *a = &cells[i - 1], *b = &cells[i];
    return a->used && b->used && a->flags == b->flags &&
           a->object == b->object && (!a->object || a->offset + 1 == b->offset);
}

static void heal(uint32_t i)
{
    area_join(&t.root, area_below(t.root, address(i)),
              area_find(t.root, address(i)));
}

static void heal_model(uint32_t i)
{
    if (i > 0 && i < PAGES && alike(i))
        cells[i].begins = false;
}

static bool is_free(uint32_t from, uint32_t to)
{
    while (from < to && !cells[from].used)
        from++;
    return from == to;
}

/* Whether a call has failed, and notes that. */
static bool refused(int error)
{
    EXPECT(error == 0 || error == -ENOMEM);
    t.refused |= error != 0;
    return error;
}

static void add(uint32_t from, uint32_t to)
{
    /* Few kinds, so that neighbours are often alike. */
    struct object *object = below(4) ? t.object[below(6) == 0] : NULL;
    struct area like = {.flags = below(6) ? AREA_READ : AREA_WRITE,
                        .object = object,
                        .offset = from + (below(8) == 0)};
    if (!is_free(from, to))
        return;
    int error = area_add(&t.root, address(from), address(to), &like);
    if (refused(error))
        return;
    for (uint32_t i = from; i < to; i++)
        cells[i] = (struct cell){true, i == from, like.flags,
                                 like.offset + i - from, object};
    heal_model(from);
    heal_model(to);
}

static void divide_model(uint32_t i)
{
    if (i < PAGES && cells[i].used)
        cells[i].begins = true;
}

static void cut(uint32_t from, uint32_t to)
{
    struct area *cut = NULL;
    uint32_t used = 0;
    int error = area_cut(&t.root, address(from), address(to), &cut);
    if (refused(error)) {
        EXPECT(!cut);
        heal(from); /* as if nothing had been */
        heal_model(from);
        return;
    }
    divide_model(to);
    for (uint32_t i = from; i < to; i++) {
        used += cells[i].used;
        cells[i] = (struct cell){0};
    }
    (void)check_tree(cut, address(from), address(to), 0);
    EXPECT(area_free_all(cut) == used);
}

static void divide(uint32_t i)
{
    struct area *area = area_find(t.root, address(i));
    int error = area && area->start < address(i) &&
                        !area_divide(&t.root, area, address(i))
                    ? -ENOMEM
                    : 0;
    if (!refused(error))
        divide_model(i);
}

/* Let the area that begins behind a hole grow into it. */
static void grow(uint32_t to)
{
    uint32_t first = to;
    while (first < PAGES && !cells[first].used)
        first++;
    if (first == PAGES || first == to || cells[first].object)
        return;
    area_grow(&t.root, area_find(t.root, address(first)), address(to));
    for (uint32_t i = to; i < first; i++)
        cells[i] = cells[first];
    for (uint32_t i = to; i <= first; i++)
        cells[i].begins = i == to;
}

static void room(uint32_t from, uint32_t to, uint32_t pages)
{
    uint32_t wanted = 0;
    for (uint32_t at = from; at + pages <= to; at++)
        if (is_free(at, at + pages))
            wanted = address(at);
    EXPECT(area_room(t.root, address(from), address(to), pages * PAGE_SIZE) ==
           wanted);
}

static void step(void)
{
    uint32_t from = below(PAGES), to = from + 1 + below(PAGES - from);
    if (below(3)) /* mostly little ones */
        to = from + 1 + below(to - from < 6 ? to - from : 6);
    switch (below(8)) {
    case 0:
        return cut(from, to);
    case 1:
        return divide(from);
    case 2:
        heal(from);
        return heal_model(from);
    case 3:
        return grow(from);
    case 4:
        return room(below(PAGES / 2), PAGES - below(PAGES / 2), to - from);
    default:
        return add(from, to);
    }
}

static void walk_at_random(uint32_t seed, uint32_t base)
{
    uint32_t i;
    memset(cells, 0, sizeof(cells));
    t.base = base;
    t.random = seed;
    for (i = 0; i < STEPS && t.ok; i++) {
        bool failing = below(10) == 0;
        fail_set(failing ? 1 + below(2) : 0);
        t.refused = false;
        step();
        EXPECT(!fail_set(0) || !t.refused);
        EXPECT(failing || !t.refused);
        check_all();
    }
    if (!t.ok)
        log_warn("seed %u, base %08x, step %u", seed, base, i);
    area_free_all(t.root);
    t.root = NULL;
}

SELFTEST(area_model, "the tree of areas does what an array of pages would")
{
    uint32_t seed = SEED ? SEED : (uint32_t)cycle_counter() | 1;
    t.ok = true;
    for (uint32_t i = 0; i < OBJECTS; i++)
        t.ok &= (t.object[i] = object_create(4 * PAGES * PAGE_SIZE)) != NULL;
    if (t.ok) {
        walk_at_random(seed, 0x10000);
        walk_at_random(seed, 0x40000000 - PAGES / 2 * PAGE_SIZE);
        walk_at_random(seed, USER_END - PAGES * PAGE_SIZE);
    }
    for (uint32_t i = 0; i < OBJECTS; i++)
        if (t.object[i])
            object_put(t.object[i]);
    CHECK(t.ok);
}
