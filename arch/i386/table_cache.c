/* SPDX-License-Identifier: MIT */
/* See table_cache.h. All are of the zone that the policy takes tables from. */
#include "arch/i386/table_cache.h"

#include "kernel/spinlock.h"
#include "machine/paging.h"
#include "mm/fail.h"

#define KEPT 64 /* of a kind */

static struct spinlock cache_lock = SPINLOCK("kept tables", RANK_TABLES);
static struct kept {
    struct frame *list; /* under cache_lock */
    uint32_t count;     /* changed under it */
} kept[TABLE_KINDS];

bool table_cache_fails(enum table_kind kind)
{
    return __atomic_load_n(&kept[kind].count, __ATOMIC_RELAXED) && fail_now();
}

static struct frame *take(struct kept *k)
{
    spin_lock(&cache_lock);
    struct frame *table = k->list;
    if (table) {
        k->list = table->next;
        k->count--;
    }
    spin_unlock(&cache_lock);
    return table;
}

struct frame *table_cache_take(enum table_kind kind)
{
    struct frame *table = take(&kept[kind]);
    if (table && kind == TABLE_EMPTY)
        DEBUG_DO(check_table_empty(table));
    return table;
}

void table_cache_put(enum table_kind kind, struct frame *table)
{
    struct kept *k = &kept[kind];
    spin_lock(&cache_lock);
    bool keep = k->count < KEPT;
    if (keep) {
        table->next = k->list;
        k->list = table;
        k->count++;
    }
    spin_unlock(&cache_lock);
    if (!keep)
        frame_put(table);
}

void page_table_free(struct frame *table)
{
    table_cache_put(TABLE_EMPTY, table);
}

void page_tables_settle(void)
{
    struct frame *table;
    for (enum table_kind kind = 0; kind < TABLE_KINDS; kind++)
        while ((table = take(&kept[kind])))
            frame_put(table);
}
