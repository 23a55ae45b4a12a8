/* SPDX-License-Identifier: MIT */
/*
 * pthreads, the plain part: create and join with results, attributes, detach,
 * once, keys with destructors, thread-local variables, self and equal, errors
 * of join, exit of the first thread before the others.
 *
 * run: tier=quick expect=3
 * run: -c 1 expect=3
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#include "libc.h"

#define THREADS 20

static __thread int local = 7;
static __thread int local_zero;
static int destroyed, first_calls, detached;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static pthread_t main_thread;

static void first(void)
{
    first_calls++;
}

static void destroy(void *value)
{
    __atomic_fetch_add(&destroyed, (int)(uintptr_t)value, __ATOMIC_RELAXED);
}

static void *work(void *argument)
{
    uintptr_t mine = (uintptr_t)argument;
    int right = local == 7 && local_zero == 0 && !pthread_getspecific(key);

    local += (int)mine;
    local_zero = -(int)mine;
    pthread_setspecific(key, argument);
    pthread_once(&once, first);
    sched_yield();
    right &= local == 7 + (int)mine && local_zero == -(int)mine;
    right &= pthread_getspecific(key) == argument;
    right &= !pthread_equal(pthread_self(), main_thread);
    if (mine % 2)
        pthread_exit((void *)(mine * 2 + !right * 1000));
    return (void *)(mine * 2 + !right * 1000);
}

static void create_and_join(void)
{
    pthread_t threads[THREADS];
    uintptr_t sum = 0;

    for (uintptr_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)(i + 1)))
            CHECK(0, "create %d", (int)i);
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        sum += (uintptr_t)result;
    }
    CHECK(sum == THREADS * (THREADS + 1), "results: %d", (int)sum);
    CHECK(destroyed == THREADS * (THREADS + 1) / 2, "destructors: %d",
          destroyed);
    CHECK(first_calls == 1, "pthread_once called once");
    CHECK(local == 7 && local_zero == 0, "the first thread's own variables");
}

static void *set_and_leave(void *argument)
{
    while (!__atomic_load_n((int *)argument, __ATOMIC_ACQUIRE))
        usleep(1000);
    __atomic_store_n(&detached, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void detach(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int go = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    CHECK(pthread_attr_setstacksize(&attributes, 64 << 10) == 0, "stack size");
    CHECK(pthread_attr_setstacksize(&attributes, 1) == EINVAL, "too small");
    CHECK(!pthread_create(&thread, &attributes, set_and_leave, &go),
          "a detached thread");
    __atomic_store_n(&go, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&detached, __ATOMIC_ACQUIRE))
        usleep(1000);
    CHECK(1, "has run");
    pthread_attr_destroy(&attributes);
}

static void own_stack(void)
{
    static char stack[256 << 10] __attribute__((aligned(4096)));
    pthread_attr_t attributes;
    pthread_t thread;
    void *result = NULL;

    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, sizeof(stack));
    CHECK(!pthread_create(&thread, &attributes, work, (void *)50),
          "a thread on a stack of our own");
    pthread_join(thread, &result);
    CHECK(result == (void *)100, "its result");
}

static void *last(void *argument)
{
    pthread_join(main_thread, NULL);
    CHECK(1, "the first thread is gone, joined by another one");
    exit(check_sum() + (int)(uintptr_t)argument);
}

int main(void)
{
    pthread_t thread;

    main_thread = pthread_self();
    pthread_key_create(&key, destroy);
    create_and_join();
    detach();
    own_stack();
    pthread_key_delete(key);
    pthread_create(&thread, NULL, last, (void *)3);
    pthread_exit(NULL);
}
