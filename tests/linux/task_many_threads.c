/* SPDX-License-Identifier: MIT */
/*
 * 1,000 threads of one group alive at once, on small stacks, then joined one
 * by one; each adds its number to a sum, has its own TLS and stack. Then as
 * many again, raw, that only count down and end.
 */
#include "oracle.h"
#include <pthread.h>

#define THREADS 1000

static pthread_t threads[THREADS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER;
static int started, released, sum, wrong;
static __thread int own = 5;

static void *run(void *argument)
{
    int number = (int)(intptr_t)argument;

    own += number;
    pthread_mutex_lock(&mutex);
    started++;
    pthread_cond_broadcast(&go);
    while (!released)
        pthread_cond_wait(&go, &mutex);
    sum += number;
    if (own != number + 5)
        wrong++;
    pthread_mutex_unlock(&mutex);
    return (void *)(intptr_t)(number * 2);
}

static void library_threads(void)
{
    pthread_attr_t attributes;
    int made = 0, results = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 16384);
    for (int i = 0; i < THREADS; i++)
        made += pthread_create(&threads[i], &attributes, run,
                               (void *)(intptr_t)i) == 0;
    expect("made", made, THREADS);
    pthread_mutex_lock(&mutex);
    while (started < made)
        pthread_cond_wait(&go, &mutex);
    released = 1;
    pthread_cond_broadcast(&go);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < made; i++) {
        void *result;

        pthread_join(threads[i], &result);
        results += (int)(intptr_t)result;
    }
    expect("sum", sum, THREADS * (THREADS - 1) / 2);
    expect("results", results, THREADS * (THREADS - 1));
    expect("wrong TLS", wrong, 0);
}

static volatile int left, word;

static int raw(void *argument)
{
    while (!word)
        call(__NR_futex, &word, FUTEX_WAIT, 0, 0);
    __atomic_fetch_sub(&left, 1, __ATOMIC_SEQ_CST);
    return argument != NULL;
}

static void raw_threads(void)
{
    char *stacks = mmap(NULL, THREADS * 4096, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int made = 0;

    left = THREADS;
    for (int i = 0; i < THREADS; i++)
        made += oracle_clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                 CLONE_THREAD,
                             stacks + (i + 1) * 4096, NULL, NULL, NULL, raw,
                             NULL) > 0;
    expect("raw ones made", made, THREADS);
    word = 1;
    call(__NR_futex, &word, FUTEX_WAKE, 0x7fffffff);
    check("raw ones ended", wait_until(&left, 0));
}

int main(void)
{
    library_threads();
    raw_threads();
    return 0;
}
