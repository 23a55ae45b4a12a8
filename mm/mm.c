/* SPDX-License-Identifier: MIT */
/*
 * Life of an MM, and which CPUs have it loaded. What it maps is changed in
 * map.c, faults are in fault.c, copies in fork.c.
 *
 * A CPU's bit is set in mm->cpus from before its CR3 load until after it has
 * loaded another root. Kernel threads and the idle task borrow whatever MM the
 * CPU had: the bit stays, and so do the flushes. When the last user is gone
 * the borrowers are made to leave before a table is freed: a walker may follow
 * the old tables at any time, even for addresses nobody asks for.
 */
#include "mm/mm.h"

#include "kernel/abi/query.h"
#include "kernel/call.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/kmap.h"
#include "mm/map.h"
#include "mm/object.h"
#include "mm/slab.h"
#include "mm/tlb.h"

static struct slab_cache mm_cache = SLAB_CACHE("MMs", sizeof(struct mm), 16);
static struct slab_cache quarter_cache =
    SLAB_CACHE("quarters", sizeof(struct quarter), 16);

static struct spinlock all_lock = SPINLOCK("all MMs", RANK_TASKS);
static struct mm *all GUARDED_BY(all_lock);
static uint32_t last_id GUARDED_BY(all_lock);

/* Free what there is of an MM that nobody has loaded. */
static void destroy(struct mm *mm)
{
    if (mm->tables.root) {
        ukva_destroy(mm);
        page_tables_destroy(&mm->tables);
    }
    for (uint32_t q = 0; q < USER_QUARTERS; q++)
        slab_free(&quarter_cache, mm->quarter[q]);
    slab_free(&mm_cache, mm);
}

struct mm *mm_create(void)
{
    struct mm *mm = slab_alloc(&mm_cache);
    if (!mm)
        return NULL;
    memset(mm, 0, offsetof(struct mm, program_path));
    mm->program_path[0] = '\0';
    for (uint32_t q = 0; q < USER_QUARTERS; q++) {
        struct quarter *quarter = slab_alloc_zeroed(&quarter_cache);
        if (!quarter)
            goto fail;
        quarter->index = q;
        mutex_init(&quarter->lock, "quarter", MUTEX_QUARTER(q));
        mm->quarter[q] = quarter;
    }
    ukva_init(&mm->ukva);
    if (page_tables_create(&mm->tables) ||
        (kmap_pools->prepare && kmap_pools->prepare(mm)))
        goto fail;
    mutex_init(&mm->lock, "mm", MUTEX_MM);
    mm->users = mm->holders = 1;
    spin_lock(&all_lock);
    mm->id = ++last_id;
    list_add(&all, mm, all);
    spin_unlock(&all_lock);
    return mm;
fail:
    destroy(mm);
    return NULL;
}

void mm_get(struct mm *mm)
{
    __atomic_fetch_add(&mm->users, 1, __ATOMIC_RELAXED);
}

bool mm_get_if_used(struct mm *mm)
{
    uint32_t users = __atomic_load_n(&mm->users, __ATOMIC_RELAXED);
    while (users &&
           !__atomic_compare_exchange_n(&mm->users, &users, users + 1, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        continue;
    return users != 0;
}

struct mm *mm_get_below(uint32_t id)
{
    spin_lock(&all_lock);
    struct mm *mm = all; /* the newest comes first */
    while (mm &&
           (mm->id >= id || !__atomic_load_n(&mm->runs, __ATOMIC_ACQUIRE) ||
            !mm_get_if_used(mm)))
        mm = mm->all.next;
    spin_unlock(&all_lock);
    return mm;
}

void mm_hold(struct mm *mm)
{
    __atomic_fetch_add(&mm->holders, 1, __ATOMIC_RELAXED);
}

/* A CPU whose current task is of the MM, if only for its last steps, stays. */
static void leave(void *argument)
{
    struct cpu *cpu = this_cpu();
    if (cpu->mm == argument && cpu->current->mm != argument)
        mm_activate(NULL);
}

/* Make the CPUs that borrow an MM without users leave it. */
static void evict_borrowers(struct mm *mm)
{
    cpu_mask borrowers = __atomic_load_n(&mm->cpus, __ATOMIC_SEQ_CST);
    if (borrowers)
        call_cpus(borrowers, leave, mm);
}

void mm_leave(struct mm *mm)
{
    if (__atomic_sub_fetch(&mm->users, 1, __ATOMIC_ACQ_REL))
        return;
    evict_borrowers(mm); /* so that they need not be told of each flush */
    int error = mm_unmap(mm, 0, USER_END);
    ASSERT(!error); /* nothing is divided */
    if (mm->program)
        object_put(mm->program);
    mm_release(mm);
}

void mm_release(struct mm *mm)
{
    if (__atomic_sub_fetch(&mm->holders, 1, __ATOMIC_ACQ_REL))
        return;
    ASSERT(mm->users == 0);
    spin_lock(&all_lock);
    list_remove(&all, mm, all);
    spin_unlock(&all_lock);
    evict_borrowers(mm);
    ASSERT(mm->cpus == 0 && mm->tables.tables == 0);
    destroy(mm);
}

void mm_enter(struct mm *next)
{
    /*
     * Announce first, load then: a flush that misses the bit has changed the
     * tables before our load. The locked OR is the full fence between the two;
     * its partner is in tlb_flush_range(). The generation is read between
     * them: what the load brings is no older.
     */
    struct cpu *cpu = this_cpu();
    if (!next || next == cpu->mm)
        return;
    __atomic_fetch_or(&next->cpus, cpu->bit, __ATOMIC_SEQ_CST);
    STOP_POINT(mm_announced);
    cpu->loading_generation = tlb_generation(next);
}

void mm_entered(struct mm *next)
{
    struct cpu *cpu = this_cpu();
    struct mm *old = cpu->mm;
    if (old == next)
        return;
    STOP_POINT(mm_loaded);
    /* Nobody may take the one MM's generation for the other's. */
    *(struct mm *volatile *)&cpu->mm = NULL;
    cpu->tlb_generation = cpu->loading_generation;
    *(struct mm *volatile *)&cpu->mm = next;
    /* The load has dropped all of the old one's entries: no flush needed. */
    if (old)
        __atomic_fetch_and(&old->cpus, ~(1u << cpu->index), __ATOMIC_SEQ_CST);
}

void mm_activate(struct mm *next)
{
    uint32_t interrupts = interrupts_save();
    if (next != this_cpu()->mm) {
        mm_enter(next);
        paging_activate(next ? &next->tables : NULL);
        mm_entered(next);
    }
    interrupts_restore(interrupts);
}

static void fill_row(struct abi_mm *row, const struct mm *mm)
{
    const struct page_tables *t = &mm->tables;
    uint32_t tables = t->tables + t->kernel_tables + DIRECTORIES;
    *row = (struct abi_mm){.id = mm->id,
                           .tasks = mm->users,
                           .cr3 = t->cr3,
                           .cpus = mm->cpus,
                           .table_bytes_low = t->low * PAGE_SIZE,
                           .table_bytes_high = (tables - t->low) * PAGE_SIZE,
                           .ukva_bytes = mm->ukva.pages * PAGE_SIZE};
    for (uint32_t q = 0; q < USER_QUARTERS; q++) {
        row->areas += mm->quarter[q]->area_count;
        row->pages += mm->quarter[q]->pages;
    }
}

bool mm_row(uint32_t index, struct abi_mm *row)
{
    spin_lock(&all_lock);
    struct mm *mm = all;
    while (mm && index--)
        mm = mm->all.next;
    if (mm)
        fill_row(row, mm);
    spin_unlock(&all_lock);
    return mm != NULL;
}

void mm_sum(struct abi_system *sum)
{
    struct abi_mm row;
    spin_lock(&all_lock);
    for (const struct mm *mm = all; mm; mm = mm->all.next) {
        fill_row(&row, mm);
        sum->table_bytes_low += row.table_bytes_low;
        sum->table_bytes_high += row.table_bytes_high;
        sum->ukva_bytes += row.ukva_bytes;
        sum->mms++;
    }
    spin_unlock(&all_lock);
}
