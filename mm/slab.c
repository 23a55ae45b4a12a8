/* SPDX-License-Identifier: MIT */
/*
 * Slabs. Free objects of a slab are linked through their first word; a slab is
 * found from an object by rounding the address down to its frame. Slabs with a
 * free object are on the cache's list; full ones are on none and come back
 * with the first object freed. One empty slab is kept, so that a task that is
 * made and ended over and over does not go to the frame allocator each time.
 *
 * Debug builds put a red zone behind each object and fill freed ones with
 * junk: see kernel/checks.h.
 */
#include "mm/slab.h"

#include "kernel/counters.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "mm/fail.h"
#include "mm/frame.h"

struct slab {
    struct slab_cache *cache;
    struct slab *next, *previous; /* on the cache's list */
    void *free;
    uint32_t used;
};

static struct spinlock caches_lock = SPINLOCK("slab caches", RANK_SLAB);
static struct slab_cache *caches GUARDED_BY(caches_lock);

static struct slab *slab_of(const void *object)
{
    return (struct slab *)round_down((uintptr_t)object, PAGE_SIZE);
}

static void *first_object(const struct slab_cache *cache, struct slab *slab)
{
    return (char *)slab + round_up(sizeof(*slab), cache->alignment);
}

static void list_add(struct slab_cache *cache, struct slab *slab)
    REQUIRES(cache->lock)
{
    slab->previous = NULL;
    slab->next = cache->partial;
    if (slab->next)
        slab->next->previous = slab;
    cache->partial = slab;
}

static void list_remove(struct slab_cache *cache, struct slab *slab)
    REQUIRES(cache->lock)
{
    if (slab->previous)
        slab->previous->next = slab->next;
    else
        cache->partial = slab->next;
    if (slab->next)
        slab->next->previous = slab->previous;
}

/* First use: work out the layout and join the list of caches. */
static void cache_start(struct slab_cache *cache)
{
    spin_lock(&caches_lock);
    if (!cache->step) {
        uint32_t bytes = round_up(cache->size, 4) + RED_ZONE_BYTES;
        uint32_t header = round_up(sizeof(struct slab), cache->alignment);
        uint32_t step = round_up(bytes, cache->alignment);
        cache->capacity = (PAGE_SIZE - header) / step;
        ASSERT(cache->capacity > 0);
        cache->next = caches;
        caches = cache;
        __atomic_store_n(&cache->step, step, __ATOMIC_RELEASE);
    }
    spin_unlock(&caches_lock);
}

static struct slab *slab_create(struct slab_cache *cache)
{
    struct frame *frame = frame_alloc(FRAME_LOW);
    if (!frame)
        return NULL;
    struct slab *slab = frame_virtual(frame);
    *slab = (struct slab){.cache = cache};
    char *object = first_object(cache, slab);
    object += cache->capacity * cache->step;
    for (uint32_t i = 0; i < cache->capacity; i++) {
        object -= cache->step;
        *(void **)object = slab->free;
        slab->free = object;
        DEBUG_DO(check_object_freed(cache, object));
    }
    return slab;
}

void *slab_alloc(struct slab_cache *cache)
{
    if (!__atomic_load_n(&cache->step, __ATOMIC_ACQUIRE))
        cache_start(cache);
    if (fail_now()) {
        counter_add(COUNTER_alloc_failures, 1);
        return NULL;
    }
    spin_lock(&cache->lock);
    if (!cache->partial) {
        struct slab *slab = slab_create(cache);
        if (!slab) {
            spin_unlock(&cache->lock);
            return NULL;
        }
        cache->slabs++;
        list_add(cache, slab);
    }
    struct slab *slab = cache->partial;
    void *object = slab->free;
    slab->free = *(void **)object;
    slab->used++;
    cache->objects++;
    if (!slab->free)
        list_remove(cache, slab);
    DEBUG_DO(check_object_reused(cache, object));
    spin_unlock(&cache->lock);
    return object;
}

void *slab_alloc_zeroed(struct slab_cache *cache)
{
    void *object = slab_alloc(cache);
    if (object)
        memset(object, 0, cache->size);
    return object;
}

void slab_free(struct slab_cache *cache, void *object)
{
    if (!object)
        return;
    struct slab *slab = slab_of(object);
    struct frame *frame = NULL;
    spin_lock(&cache->lock);
    DEBUG_ASSERT(slab->cache == cache);
    DEBUG_DO(check_object_freeing(cache, object, slab->free));
    bool was_full = !slab->free;
    DEBUG_DO(check_object_freed(cache, object));
    *(void **)object = slab->free;
    slab->free = object;
    slab->used--;
    cache->objects--;
    if (was_full)
        list_add(cache, slab);
    /* Keep an empty slab only if it is the one that would be used next. */
    if (slab->used == 0 && (slab->next || slab->previous)) {
        list_remove(cache, slab);
        cache->slabs--;
        frame = frame_of_virtual(slab);
    }
    spin_unlock(&cache->lock);
    if (frame)
        frame_put(frame);
}

static void cache_settle(struct slab_cache *cache)
{
    struct slab *slab, *next, *empty = NULL;
    spin_lock(&cache->lock);
    for (slab = cache->partial; slab; slab = next) {
        next = slab->next;
        if (slab->used)
            continue;
        list_remove(cache, slab);
        cache->slabs--;
        slab->next = empty;
        empty = slab;
    }
    spin_unlock(&cache->lock);
    for (slab = empty; slab; slab = next) {
        next = slab->next;
        frame_put(frame_of_virtual(slab));
    }
}

/* The list of caches only grows, at its head: its first word is enough. */
static struct slab_cache *first_cache(void)
{
    spin_lock(&caches_lock);
    struct slab_cache *cache = caches;
    spin_unlock(&caches_lock);
    return cache;
}

void slab_settle(void)
{
    for (struct slab_cache *c = first_cache(); c; c = c->next)
        cache_settle(c);
}

uint32_t slab_bytes(void)
{
    uint32_t slabs = 0;
    for (struct slab_cache *c = first_cache(); c; c = c->next)
        slabs += c->slabs;
    return slabs * PAGE_SIZE;
}
