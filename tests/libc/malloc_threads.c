/* SPDX-License-Identifier: MIT */
/*
 * The heap in sixteen threads: each fills and checks blocks of its own and
 * passes some to its neighbour, who frees them. glibc makes an arena for each
 * thread, with reserved address space that mprotect opens piece by piece.
 */
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "libc.h"

#define THREADS 16
#define BLOCKS  64
#define STEPS   1500

struct block {
    uint32_t owner;
    uint32_t bytes;
    unsigned char data[];
};

static struct block *post[THREADS]; /* from each thread to the next one */
static int spoiled, missing, received;

static void judge(struct block *b)
{
    if (!b)
        return;
    for (uint32_t i = 0; i < b->bytes; i++)
        if (b->data[i] != (unsigned char)(b->owner * 7 + b->bytes)) {
            __atomic_fetch_add(&spoiled, 1, __ATOMIC_RELAXED);
            break;
        }
    free(b);
}

static struct block *fresh(uint32_t owner, uint32_t bytes)
{
    struct block *b = malloc(sizeof(*b) + bytes);

    if (!b) {
        __atomic_fetch_add(&missing, 1, __ATOMIC_RELAXED);
        return NULL;
    }
    b->owner = owner;
    b->bytes = bytes;
    memset(b->data, (int)(owner * 7 + bytes), bytes);
    return b;
}

static void *work(void *argument)
{
    uint32_t self = (uint32_t)(uintptr_t)argument, seed = self * 77 + 1;
    struct block *mine[BLOCKS] = {NULL};

    for (int step = 0; step < STEPS; step++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t i = (seed >> 16) % BLOCKS;
        uint32_t bytes = (seed >> 10) % (step % 50 ? 500 : 200000);
        judge(mine[i]);
        mine[i] = fresh(self, bytes);
        if (step % 5)
            continue;
        /* The neighbour's block comes here, one of mine goes there. */
        mine[i] = __atomic_exchange_n(&post[self], mine[i], __ATOMIC_ACQ_REL);
        struct block **from = &post[(self + THREADS - 1) % THREADS];
        struct block *b = __atomic_exchange_n(from, NULL, __ATOMIC_ACQ_REL);
        if (b)
            __atomic_fetch_add(&received, 1, __ATOMIC_RELAXED);
        judge(b);
    }
    for (int i = 0; i < BLOCKS; i++)
        judge(mine[i]);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int error = 0;

    for (uintptr_t i = 0; i < THREADS; i++)
        error |= pthread_create(&threads[i], NULL, work, (void *)i);
    CHECK(!error, "%d threads are there", THREADS);
    for (int i = 0; i < THREADS; i++)
        error |= pthread_join(threads[i], NULL);
    CHECK(!error, "and have ended");
    for (int i = 0; i < THREADS; i++)
        judge(post[i]);
    CHECK(!spoiled, "no block was spoiled");
    CHECK(!missing, "all were served");
    CHECK(received > 0, "some were freed by another thread");
    return check_sum();
}
