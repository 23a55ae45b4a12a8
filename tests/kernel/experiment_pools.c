/* SPDX-License-Identifier: MIT */
/*
 * Claims C9 and C16: pools of slots for temporary mappings that a task keeps
 * while it sleeps, and so while it moves to another CPU. Who flushes before a
 * slot is used again?
 *
 *   POOL_TASK  a pool of the task's own: the CPU that the task is on when the
 *              pool is used up, and no other (Bligh, 2002)
 *   POOL_CPU   a pool for each CPU: that CPU, and no other (his plan before)
 *   POOL_MM    slots.h: all CPUs that have the MM loaded
 *
 * One task moves between two CPUs by a script. All slots are in its MM's own
 * region, where nobody else uses them; the entries are right at any time, so
 * what is read wrong is what a CPU still had in its TLB. That is lost when
 * another root is loaded: the machine should have nothing else to do.
 */
#include "kernel/abi/experiment_pools.h"
#include "kernel/abi/errno.h"
#include "kernel/cpu.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/paging.h"
#include "machine/uaccess.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/slots_map.h"
#include "mm/tlb.h"
#include "tests/kernel/experiment.h"

/* One task's; not on its stack, because the pool has a lock. */
struct lab {
    uint32_t kind;
    struct mm *mm;
    uintptr_t start;
    uint32_t next[2];      /* slot of the task's row, or of each CPU's */
    struct slot_pool pool; /* POOL_MM */
    struct frame *frame[POOL_READS];
    uint32_t done;
    struct abi_pool_read read[POOL_READS];
};

static void go_to(uint32_t cpu)
{
    task_set_affinity(0, 1u << cpu);
    while (this_cpu()->index != cpu)
        sched_yield_cpu();
}

/* The next slot of a row that this CPU flushes when it is used up. */
static uintptr_t map_in_row(struct lab *lab, uint32_t row, phys_t page)
{
    uintptr_t start = lab->start + row * POOL_ROW * PAGE_SIZE;
    if (lab->next[row] == POOL_ROW) {
        for (uint32_t i = 0; i < POOL_ROW; i++)
            tlb_flush_local_page(start + i * PAGE_SIZE);
        lab->next[row] = 0;
    }
    uintptr_t address = start + lab->next[row]++ * PAGE_SIZE;
    kernel_map(address, page, MAP_WRITE);
    return address;
}

static uintptr_t map(struct lab *lab, phys_t page)
{
    if (lab->kind == POOL_MM)
        return slots_map(&lab->pool, page);
    uint32_t row = lab->kind == POOL_CPU ? this_cpu()->index : 0;
    return map_in_row(lab, row, page);
}

static void unmap(struct lab *lab, uintptr_t address)
{
    if (lab->kind == POOL_MM)
        slots_unmap(&lab->pool, address);
    else
        kernel_unmap(address); /* the flush comes when it is used up */
}

/* Map each of the next pages on one CPU and read it on the other, or there. */
static void act(struct lab *lab, struct abi_pool_step step)
{
    uint32_t other = cpus_online & 2 ? 1 : 0;
    while (step.pages--) {
        struct abi_pool_read *read = &lab->read[lab->done];
        go_to(step.mapper ? other : 0);
        uintptr_t at = map(lab, frame_phys(lab->frame[lab->done]));
        go_to(step.reader ? other : 0);
        read->wanted = (uint16_t)lab->done++;
        read->found = (uint16_t) * (volatile uint32_t *)at;
        unmap(lab, at);
    }
}

static void play(struct lab *lab)
{
    static const struct abi_pool_step steps[] = POOL_STEPS;
    for (uint32_t i = 0; i < ARRAY_LENGTH(steps); i++)
        act(lab, steps[i]);
}

/* A pool like those of kmap=ukva, in which only as many slots are not taken. */
static void start_pool(struct lab *lab)
{
    slots_init(&lab->pool, lab->start, lab->mm);
    for (uint32_t w = 0; w < POOL_WORDS; w++)
        lab->pool.taken[w] = ~0u;
    lab->pool.taken[0] = lab->pool.taken[HALF_WORDS] = ~0u << POOL_ROW / 2;
}

/* The addresses stay taken until the MM ends. */
static int32_t run(struct lab *lab)
{
    const uint32_t bytes = POOL_SLOTS * PAGE_SIZE;
    for (uint32_t i = 0; i < POOL_READS; i++) {
        if (!(lab->frame[i] = frame_alloc(FRAME_ANY)))
            return -ENOMEM;
        uint32_t *page = kmap(lab->frame[i]);
        *page = i;
        kunmap(page);
    }
    lab->start = ukva_take(lab->mm, POOL_SLOTS);
    if (!lab->start)
        return -ENOMEM;
    int32_t error =
        ukva_make_tables(&lab->mm->tables, lab->start, lab->start + bytes);
    if (!error) {
        start_pool(lab);
        play(lab);
        for (uint32_t at = 0; at < bytes; at += PAGE_SIZE)
            kernel_unmap(lab->start + at);
        tlb_flush_range(lab->mm, lab->start, lab->start + bytes);
    }
    return error;
}

static struct slab_cache labs = SLAB_CACHE("labs", sizeof(struct lab), 8);

/* A pool of that kind; the reads go to an array of POOL_READS. */
int32_t experiment_pools(uint32_t kind, uint32_t reads, uint32_t c)
{
    cpu_mask before;
    (void)c;
    if (kind > POOL_MM)
        return -EINVAL;
    struct lab *lab = slab_alloc_zeroed(&labs);
    if (!lab)
        return -ENOMEM;
    lab->kind = kind;
    lab->mm = current_task()->mm;
    task_affinity(0, &before);
    int32_t error = run(lab);
    task_set_affinity(0, before);
    for (uint32_t i = 0; i < POOL_READS && lab->frame[i]; i++)
        frame_put(lab->frame[i]);
    if (!error &&
        copy_to_user(user_ptr_at(reads), lab->read, sizeof(lab->read)))
        error = -EFAULT;
    slab_free(&labs, lab);
    return error;
}
