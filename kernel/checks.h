/* SPDX-License-Identifier: MIT */
/*
 * What only debug builds check: the order of locks, who writes memory that is
 * freed or not its own, and that what others follow can be followed. The
 * functions are in tests/kernel/lock_checks.c and memory_checks.c; DEBUG_DO()
 * leaves their calls out of release builds.
 */
#pragma once

#include "kernel/types.h"

#ifdef DEBUG
#define DEBUG_DO(statement) statement
#define RED_ZONE_BYTES      16 /* behind each slab object */
#else
#define DEBUG_DO(statement) ((void)0)
#define RED_ZONE_BYTES      0
#endif

/*
 * The rule about what belongs to one MM (Torvalds, 2002): a pointer that is
 * stored where a task of another MM may follow it leads to memory that all MMs
 * see, not to the stack of a task. Stands wherever such links are made.
 */
#define CHECK_SHARED(pointer) \
    DEBUG_DO(check_shared(__func__, #pointer, (uintptr_t)(pointer)))
void check_shared(const char *where, const char *what, uintptr_t address);

struct frame;
struct mm;
struct mutex;
struct slab_cache;
struct spinlock;

#define HELD_LOCKS 8
struct held_locks {
    uint32_t count;
    const struct spinlock *lock[HELD_LOCKS];
};

/* Interrupts are off, and all locks held rank below this one. */
void check_lock_order(const struct spinlock *lock);
void check_lock_taken(const struct spinlock *lock);
/* Locks are released last in, first out. */
void check_lock_released(const struct spinlock *lock);
/* This CPU holds no spin lock: before sleeping, before user memory. */
void check_no_lock(void);
/* Mutexes are taken in the order of their MUTEX_ numbers. */
void check_mutex_taken(const struct mutex *mutex);
void check_mutex_released(const struct mutex *mutex);

/* Fill a freed frame with a pattern; later it must still be there. */
void check_frame_freed(struct frame *frame);
void check_frame_reused(struct frame *frame);
/* A page table that is kept for reuse is empty still. */
void check_table_empty(struct frame *table);
/*
 * The TLB sanitizer: a frame that was taken out of a table may be freed only
 * after the flush, when every CPU with the MM has passed its generation.
 */
void check_frame_unmapped(struct frame *frame);
void check_frame_flushed(struct frame *frame);
void check_flushed(const struct mm *mm, uint32_t address, uint32_t generation);
/* The same for an object, and its red zone; `free` is its slab's free list. */
void check_object_freeing(const struct slab_cache *cache, const void *object,
                          const void *free);
void check_object_freed(const struct slab_cache *cache, void *object);
void check_object_reused(const struct slab_cache *cache, const void *object);
