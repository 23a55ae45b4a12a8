/* SPDX-License-Identifier: MIT */
/*
 * Cancelling threads: in a sleep, in a wait for a condition, at a test point,
 * asynchronously in a loop, and while it is switched off. Cleanup handlers run
 * in their order and key destructors after them. The library does it with a
 * signal of its own, whose handler changes where the thread goes on.
 */
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include "libc.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_key_t key;
static sem_t ready;
static char trail[40];

static void note(void *mark)
{
    strcat(trail, mark);
}

static void unlock(void *m)
{
    note("unlock ");
    pthread_mutex_unlock(m);
}

static void *sleeper(void *argument)
{
    pthread_setspecific(key, "key ");
    pthread_cleanup_push(note, "outer ");
    pthread_cleanup_push(note, "inner ");
    sem_post(&ready);
    sleep(100);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return argument;
}

static void *waiter(void *argument)
{
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    sem_post(&ready);
    for (;;)
        pthread_cond_wait(&never, &mutex);
    pthread_cleanup_pop(0);
    return argument;
}

static void *tester(void *argument)
{
    sem_post(&ready);
    for (;;)
        pthread_testcancel();
    return argument;
}

static void *spinner(void *argument)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(&ready);
    for (volatile unsigned i = 0;; i++)
        ;
    return argument;
}

static void *stubborn(void *argument)
{
    int old;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    sem_post(&ready);
    usleep(20000);
    note("finished ");
    pthread_setcancelstate(old, NULL);
    pthread_testcancel();
    note("never ");
    return argument;
}

static void *quick(void *argument)
{
    sem_post(&ready);
    return argument;
}

static void try_one(const char *name, void *(*work)(void *), int cancel)
{
    pthread_t thread;
    void *result = NULL;

    trail[0] = 0;
    pthread_create(&thread, NULL, work, "returned");
    sem_wait(&ready);
    if (cancel) {
        usleep(2000);
        pthread_cancel(thread);
    }
    pthread_join(thread, &result);
    const char *how = result == PTHREAD_CANCELED ? "cancelled" : result;
    CHECK(result != NULL, "%s: %s [%s]", name, how, trail);
}

int main(void)
{
    sem_init(&ready, 0, 0);
    pthread_key_create(&key, note);
    try_one("in a sleep", sleeper, 1);
    try_one("in a condition", waiter, 1);
    CHECK(pthread_mutex_trylock(&mutex) == 0, "its mutex is free");
    try_one("at a test point", tester, 1);
    try_one("in a loop", spinner, 1);
    try_one("while switched off", stubborn, 1);
    try_one("not cancelled", quick, 0);
    return check_sum();
}
