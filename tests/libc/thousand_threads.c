/* SPDX-License-Identifier: MIT */
/*
 * A thousand threads in one MM, all there at the same time: each waits until
 * the last one has come, adds its number to a sum under a mutex, and ends.
 * Then two thousand one after the other, whose stacks are used again.
 *
 * run: -c 4 seconds=3
 */
#include <pthread.h>
#include <stdint.h>

#include "libc.h"

#define THREADS 1000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int arrived, go;
static long sum;
static __thread uintptr_t own;

static void *work(void *argument)
{
    own = (uintptr_t)argument;
    pthread_mutex_lock(&mutex);
    if (++arrived == THREADS)
        pthread_cond_broadcast(&changed);
    while (!go)
        pthread_cond_wait(&changed, &mutex);
    sum += (long)own;
    pthread_mutex_unlock(&mutex);
    return (void *)own;
}

static void *nothing(void *argument)
{
    return argument;
}

int main(void)
{
    static pthread_t threads[THREADS];
    pthread_attr_t attributes;
    int made = 0, wrong = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 32 << 10);
    for (uintptr_t i = 0; i < THREADS; i++)
        made += !pthread_create(&threads[i], &attributes, work, (void *)i);
    if (!CHECK(made == THREADS, "%d threads were started", made))
        return check_sum();
    pthread_mutex_lock(&mutex);
    while (arrived < THREADS)
        pthread_cond_wait(&changed, &mutex);
    CHECK(arrived == THREADS, "all of them are there");
    go = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    for (uintptr_t i = 0; i < THREADS; i++) {
        void *result = NULL;
        wrong += pthread_join(threads[i], &result) || result != (void *)i;
    }
    CHECK(!wrong, "each returned its number");
    CHECK(sum == THREADS * (THREADS - 1L) / 2, "the sum is %ld", sum);
    for (uintptr_t i = 0; i < 2 * THREADS; i++) {
        void *result = NULL;
        wrong += pthread_create(&threads[0], &attributes, nothing, (void *)i);
        wrong += pthread_join(threads[0], &result) || result != (void *)i;
    }
    CHECK(!wrong, "%d more, one at a time", 2 * THREADS);
    return check_sum();
}
