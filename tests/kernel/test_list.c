/* SPDX-License-Identifier: MIT */
/* Lists: order at both ends, removal from every place, emptiness. */
#include "kernel/list.h"
#include "tests/kernel/selftest.h"

struct bead {
    uint32_t number;
    struct list link;
};

/* The beads' numbers as decimal digits, first to last. */
static uint32_t digits(const struct list *thread)
{
    uint32_t n = 0;
    struct bead *bead;
    list_for_each (bead, thread, link)
        n = n * 10 + bead->number;
    return n;
}

SELFTEST(list_order, "links stay in the order they were put in")
{
    struct list thread = LIST_EMPTY(thread);
    struct bead beads[5];
    for (uint32_t i = 0; i < 5; i++)
        beads[i].number = i + 1;
    CHECK(list_is_empty(&thread) && digits(&thread) == 0);
    CHECK(list_first(&thread, struct bead, link) == NULL);
    list_push_back(&thread, &beads[1].link);
    list_push_back(&thread, &beads[2].link);
    list_push_front(&thread, &beads[0].link);
    list_push_back(&thread, &beads[4].link);
    list_insert_before(&beads[4].link, &beads[3].link);
    CHECK(digits(&thread) == 12345);
    CHECK(list_first(&thread, struct bead, link) == &beads[0]);
}

SELFTEST(list_remove, "any link can be taken out, the rest stays")
{
    struct list thread = LIST_EMPTY(thread);
    struct bead beads[5];
    for (uint32_t i = 0; i < 5; i++) {
        beads[i].number = i + 1;
        list_push_back(&thread, &beads[i].link);
    }
    list_remove(&beads[2].link);
    CHECK(digits(&thread) == 1245 && list_is_empty(&beads[2].link));
    list_remove(&beads[2].link); /* again: harmless */
    CHECK(digits(&thread) == 1245);
    CHECK(list_pop_front(&thread) == &beads[0].link);
    list_remove(&beads[4].link);
    CHECK(digits(&thread) == 24);
    CHECK(list_pop_front(&thread) == &beads[1].link);
    CHECK(list_pop_front(&thread) == &beads[3].link);
    CHECK(list_pop_front(&thread) == NULL && list_is_empty(&thread));
    list_push_back(&thread, &beads[2].link);
    CHECK(digits(&thread) == 3);
}
