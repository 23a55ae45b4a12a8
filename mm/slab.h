/* SPDX-License-Identifier: MIT */
/*
 * Kernel objects of one size each (Bonwick, "The Slab Allocator", 1994). A slab
 * is one low frame: its header, then objects. Everything a kernel structure
 * needs to be followed from any MM lies here, in the direct map.
 */
#pragma once

#include "kernel/spinlock.h"
#include "kernel/types.h"

struct slab;

struct slab_cache {
    const char *name;
    uint32_t size;      /* bytes asked for */
    uint32_t alignment; /* a power of two, at least 4 */
    uint32_t step;      /* bytes from object to object; set at first use */
    uint32_t capacity;  /* objects a slab */
    struct spinlock lock;
    /* Guarded by lock. */
    struct slab *partial; /* slabs with a free object, in use or empty */
    uint32_t slabs, objects;
    struct slab_cache *next; /* all caches, for the counts; set once */
};

#define SLAB_CACHE(cache_name, object_size, object_alignment)                  \
    {                                                                          \
        .name = cache_name, .size = object_size,                               \
        .alignment = object_alignment, .lock = SPINLOCK(cache_name, RANK_SLAB) \
    }

/*
 * An object, its contents unspecified; NULL when memory is out. Takes
 * RANK_SLAB and RANK_FRAME; does not sleep.
 */
void *slab_alloc(struct slab_cache *cache);

/* The same, zeroed. */
void *slab_alloc_zeroed(struct slab_cache *cache);

/* Give an object of this cache back. NULL is ignored. */
void slab_free(struct slab_cache *cache, void *object);

/* Give the frames of empty slabs back; every cache keeps one otherwise. */
void slab_settle(void);

/* Bytes of frames that all slabs hold. */
uint32_t slab_bytes(void);
