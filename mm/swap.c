/* SPDX-License-Identifier: MIT */
/*
 * The table of slots, eight bytes each, in one piece of the kernel area. One
 * spin lock guards it and what frames say of their slots. It is not held while
 * a page is written or read: the writer has a reference to both meanwhile, and
 * a reader's entry keeps the slot as it is. If two read the same page the one
 * that comes second gives its copy up.
 */
#include "mm/swap.h"

#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "kernel/log.h"
#include "kernel/spinlock.h"
#include "kernel/stop.h"
#include "mm/backing.h"
#include "mm/kva.h"

struct slot {
    uint32_t references; /* of entries; 0: free */
    uint32_t frame;      /* number of its frame in memory; free: next free */
};

#define STORED 0x80000000u /* with a frame's number: the store has it, too */
#define NUMBER 0x7fffffffu

static struct spinlock lock = SPINLOCK("swap slots", RANK_SWAP);
static struct slot *slots; /* fixed after boot; the slots: under the lock */
static const struct backing *backing;
static uint32_t first_free GUARDED_BY(lock) = SWAP_NONE;
static uint32_t ever_used GUARDED_BY(lock); /* slots from here on are free */
static uint32_t taken GUARDED_BY(lock);
static uint32_t in_memory GUARDED_BY(lock); /* slots that have a frame */

void swap_init(const struct backing *store)
{
    if (!store->pages)
        return;
    uint32_t bytes = store->pages * sizeof(struct slot);
    slots = kva_alloc(round_up(bytes, PAGE_SIZE) >> PAGE_SHIFT, FRAME_ANY);
    if (slots)
        backing = store;
    else
        log_warn("swap: no room for the table of slots");
}

uint32_t swap_total(void)
{
    return backing ? backing->pages : 0;
}

uint32_t swap_free(void)
{
    return swap_total() - __atomic_load_n(&taken, __ATOMIC_RELAXED);
}

static struct frame *frame_of(const struct slot *slot)
{
    return slot->frame ? frame_table + (slot->frame & NUMBER) : NULL;
}

/* The slot has a frame from now on, the frame a reference of ours. */
static void attach(uint32_t slot, struct frame *frame, uint32_t stored)
    REQUIRES(lock)
{
    slots[slot].frame = frame_number(frame) | stored;
    frame->owner = slots;
    frame->offset = slot;
    frame_get(frame);
    in_memory++;
}

/* An object may have made the frame its own already, or does so just now. */
static void detach(uint32_t slot) REQUIRES(lock)
{
    struct frame *frame = frame_of(&slots[slot]);
    void *ours = slots;
    slots[slot].frame = 0;
    __atomic_compare_exchange_n(&frame->owner, &ours, NULL, false,
                                __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    frame_put(frame);
    in_memory--;
}

static void put(uint32_t slot) REQUIRES(lock)
{
    if (--slots[slot].references)
        return;
    if (slots[slot].frame)
        detach(slot);
    slots[slot].frame = first_free;
    first_free = slot;
    taken--;
}

uint32_t swap_take(struct frame *frame)
{
    uint32_t slot = SWAP_NONE;
    spin_lock(&lock);
    if (frame->owner == slots) {
        slot = frame->offset;
        slots[slot].references++;
    } else if (taken < backing->pages) {
        slot = first_free;
        if (slot != SWAP_NONE)
            first_free = slots[slot].frame;
        else
            slot = ever_used++;
        slots[slot].references = 1;
        attach(slot, frame, 0);
        taken++;
    }
    spin_unlock(&lock);
    return slot;
}

void swap_get(uint32_t slot)
{
    spin_lock(&lock);
    slots[slot].references++;
    spin_unlock(&lock);
}

void swap_put(uint32_t slot)
{
    spin_lock(&lock);
    put(slot);
    spin_unlock(&lock);
}

/* A reference to the slot becomes one to its frame; NULL: it has none. */
static struct frame *exchange(uint32_t slot) REQUIRES(lock)
{
    struct frame *frame = frame_of(&slots[slot]);
    if (!frame)
        return NULL;
    frame_get(frame);
    put(slot);
    return frame;
}

/* Its page was read into a fresh frame: others may need it, too. */
static struct frame *install(uint32_t slot, struct frame *fresh)
{
    spin_lock(&lock);
    struct frame *frame = exchange(slot);
    if (!frame) {
        if (slots[slot].references > 1)
            attach(slot, fresh, STORED);
        put(slot);
    }
    spin_unlock(&lock);
    if (frame)
        frame_put(fresh);
    return frame ? frame : fresh;
}

int swap_in(uint32_t slot, struct frame **frame)
{
    spin_lock(&lock);
    *frame = exchange(slot);
    spin_unlock(&lock);
    if (*frame)
        return 0;
    struct frame *fresh = frame_alloc(FRAME_ANY);
    if (!fresh)
        return -ENOMEM;
    STOP_POINT(swap_read);
    int error = backing->read(slot, fresh);
    if (error) {
        frame_put(fresh);
        return error;
    }
    counter_add(COUNTER_pages_in, 1);
    *frame = install(slot, fresh);
    return 0;
}

/* The frame of a slot that nobody maps, with both kept in place; or NULL. */
static struct frame *begin_write(uint32_t slot, bool *stored)
{
    spin_lock(&lock);
    struct frame *frame = NULL;
    if (slots[slot].references) {
        frame = frame_of(&slots[slot]);
        *stored = slots[slot].frame & STORED;
        if (frame &&
            (__atomic_load_n(&frame->references, __ATOMIC_ACQUIRE) > 1 ||
             __atomic_load_n(&frame->pins, __ATOMIC_ACQUIRE)))
            frame = NULL;
    }
    if (frame) {
        frame_get(frame);
        slots[slot].references++;
    }
    spin_unlock(&lock);
    return frame;
}

bool swap_out(uint32_t slot)
{
    bool stored, freed = false;
    struct frame *frame = begin_write(slot, &stored);
    if (!frame)
        return false;
    STOP_POINT(swap_write);
    int error = stored ? 0 : backing->write(slot, frame);
    spin_lock(&lock);
    if (!error)
        slots[slot].frame |= STORED;
    /* Ours and the table's: nobody has come back for it meanwhile. */
    if (!error && __atomic_load_n(&frame->references, __ATOMIC_ACQUIRE) == 2) {
        detach(slot);
        freed = true;
    }
    put(slot);
    spin_unlock(&lock);
    frame_put(frame);
    if (!stored && !error)
        counter_add(COUNTER_pages_out, 1);
    return freed;
}

uint32_t swap_out_all(void)
{
    uint32_t freed = 0, end = __atomic_load_n(&ever_used, __ATOMIC_RELAXED);
    if (!__atomic_load_n(&in_memory, __ATOMIC_RELAXED))
        return 0;
    for (uint32_t slot = 0; slot < end; slot++)
        if (slots[slot].references && slots[slot].frame) /* else in vain */
            freed += swap_out(slot);
    return freed;
}
