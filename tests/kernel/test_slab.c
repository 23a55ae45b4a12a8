/* SPDX-License-Identifier: MIT */
/*
 * Slabs: objects of all sizes and alignments do not overlap, slabs are used up
 * before new ones are made, and empty ones are given back. Objects are linked
 * through their own first word, so a test needs no table of them.
 */
#include "kernel/string.h"
#include "machine/layout.h"
#include "machine/paging.h"
#include "mm/fail.h"
#include "mm/slab.h"
#include "tests/kernel/crew.h"

/* size, alignment */
static struct slab_cache caches[] = {
    SLAB_CACHE("s4", 4, 4),       SLAB_CACHE("s5", 5, 4),
    SLAB_CACHE("s12", 12, 8),     SLAB_CACHE("s40", 40, 16),
    SLAB_CACHE("s64", 64, 64),    SLAB_CACHE("s100", 100, 4),
    SLAB_CACHE("s500", 500, 32),  SLAB_CACHE("s1000", 1000, 256),
    SLAB_CACHE("s3000", 3000, 4),
};
#define MOST 300

static void *objects[MOST];

static void fill(const struct slab_cache *cache, uint32_t i)
{
    memset(objects[i], (int)(i % 251), cache->size);
}

static bool is_filled(const struct slab_cache *cache, uint32_t i)
{
    const uint8_t *byte = objects[i];
    for (uint32_t n = 0; n < cache->size; n++)
        if (byte[n] != i % 251)
            return false;
    return true;
}

static bool allocate(struct slab_cache *cache, uint32_t i)
{
    objects[i] = slab_alloc(cache);
    if (!objects[i])
        return false;
    fill(cache, i);
    uintptr_t address = (uintptr_t)objects[i];
    return address % cache->alignment == 0 && address >= DIRECT_MAP &&
           address - DIRECT_MAP < paging_low_end();
}

static uint32_t slabs_for(const struct slab_cache *cache, uint32_t count)
{
    return (count + cache->capacity - 1) / cache->capacity;
}

/* Allocate `count`, free two of three, fill up again, free all. */
static bool exercise(struct slab_cache *cache, uint32_t count)
{
    bool ok = true;
    for (uint32_t i = 0; i < count; i++)
        ok &= allocate(cache, i);
    ok &= cache->objects == count && cache->slabs == slabs_for(cache, count);
    for (uint32_t i = 0; i < count; i++) {
        ok &= is_filled(cache, i);
        if (i % 3)
            slab_free(cache, objects[i]);
    }
    for (uint32_t i = 0; i < count; i++)
        if (i % 3)
            ok &= allocate(cache, i);
    /* The places that were freed were used again. */
    ok &= cache->slabs == slabs_for(cache, count);
    for (uint32_t i = count; i-- > 0;) {
        ok &= is_filled(cache, i);
        slab_free(cache, objects[i]);
    }
    return ok && cache->objects == 0 && cache->slabs <= 1;
}

SELFTEST(slab_sizes, "objects of all sizes: aligned, apart, given back")
{
    for (uint32_t i = 0; i < ARRAY_LENGTH(caches); i++) {
        struct slab_cache *cache = &caches[i];
        uint32_t count = cache->size < 100 ? MOST : 24;
        if (!exercise(cache, count) || !exercise(cache, 1)) {
            log_warn("slab_sizes: %s", cache->name);
            CHECK(false);
        }
#ifdef DEBUG
        CHECK(cache->step >= cache->size + 16); /* a red zone */
#endif
        slab_settle();
        CHECK(cache->slabs == 0);
    }
}

SELFTEST(slab_full, "a full slab is used again as soon as it has a place")
{
    static struct slab_cache cache = SLAB_CACHE("full", 200, 8);
    uint32_t count = 0;
    do
        objects[count++] = slab_alloc(&cache);
    while (objects[count - 1] && count < cache.capacity);
    bool ok = cache.slabs == 1 && !cache.partial;
    void *middle = objects[count / 2];
    slab_free(&cache, middle);
    ok &= slab_alloc(&cache) == middle && cache.slabs == 1;
    for (uint32_t i = 0; i < count; i++)
        slab_free(&cache, objects[i]);
    CHECK(ok && cache.objects == 0);
}

SELFTEST(slab_zeroed, "slab_alloc_zeroed() wipes what the last owner left")
{
    static struct slab_cache cache = SLAB_CACHE("zeroed", 120, 8);
    uint32_t sum = 0;
    uint8_t *object = slab_alloc(&cache);
    CHECK(object);
    memset(object, 0x5a, 120);
    slab_free(&cache, object);
    object = slab_alloc_zeroed(&cache);
    CHECK(object);
    for (uint32_t i = 0; i < 120; i++)
        sum |= object[i];
    slab_free(&cache, object);
    slab_free(&cache, NULL);
    CHECK(sum == 0 && cache.objects == 0);
}

SELFTEST(slab_fails, "without memory there is no object and no trace")
{
    static struct slab_cache cache = SLAB_CACHE("failing", 64, 8);
    slab_settle();
    fail_set(1); /* the object */
    CHECK(!slab_alloc(&cache) && fail_set(0) == 0);
    fail_set(2); /* the frame of its slab */
    CHECK(!slab_alloc(&cache) && fail_set(0) == 0);
    CHECK(cache.slabs == 0 && cache.objects == 0 && !cache.partial);
    void *object = slab_alloc(&cache);
    CHECK(object);
    slab_free(&cache, object);
}

static struct slab_cache common = SLAB_CACHE("common", 48, 8);

#define HELD 24

/* Keep a random number of objects, each marked with its owner and place. */
static void churn(uint32_t index)
{
    uint32_t *held[HELD] = {0}, random = 0xdeadbeefu + index;
    stay_on(index);
    for (uint32_t i = 0; i < 1500 && crew_goes_on(); i++) {
        uint32_t place = fuzz_random(&random) % HELD;
        uint32_t mark = index << 8 | place;
        if (held[place]) {
            CREW_CHECK(held[place][0] == mark && held[place][11] == mark);
            slab_free(&common, held[place]);
            held[place] = NULL;
            continue;
        }
        held[place] = slab_alloc(&common);
        CREW_CHECK(held[place]);
        if (held[place])
            held[place][0] = held[place][11] = mark;
        if (i % 100 == 0)
            slab_settle();
    }
    for (uint32_t place = 0; place < HELD; place++)
        slab_free(&common, held[place]);
}

SELFTEST(slab_cpus, "all CPUs use one cache at once")
{
    CHECK(crew_run(cpus_running(), churn));
    CHECK(common.objects == 0 && common.slabs <= 1);
}
