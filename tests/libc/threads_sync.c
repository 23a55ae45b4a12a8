/* SPDX-License-Identifier: MIT */
/*
 * What threads wait with: mutexes of each type, condition variables with and
 * without a limit in time, barriers, read-write locks, spin locks, semaphores.
 * Each is first asked for its errors by one thread, then used by several.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <time.h>

#include "libc.h"

#define THREADS 8
#define ROUNDS  300

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static pthread_cond_t emptied = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static sem_t places;
static int counter, item, items_sum, serial, torn, pair[2], inside, crowd;

static void all(void *(*work)(void *))
{
    pthread_t threads[THREADS];

    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void *count(void *argument)
{
    (void)argument;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        int before = counter;
        if (i % 32 == 0)
            sched_yield(); /* with the mutex held, so that others wait */
        counter = before + 1;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

/* Even threads put items into a place for one, odd ones take them. */
static void *trade(void *argument)
{
    for (int i = 1; i <= ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        if ((uintptr_t)argument % 2) {
            while (!item)
                pthread_cond_wait(&filled, &mutex);
            items_sum += item;
            item = 0;
            pthread_cond_signal(&emptied);
        } else {
            while (item)
                pthread_cond_wait(&emptied, &mutex);
            item = i;
            pthread_cond_broadcast(&filled);
        }
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *meet(void *argument)
{
    (void)argument;
    for (int i = 0; i < ROUNDS / 10; i++) {
        __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
        int is_serial = pthread_barrier_wait(&barrier);
        if (__atomic_load_n(&counter, __ATOMIC_RELAXED) != THREADS * (i + 1))
            __atomic_fetch_add(&torn, 1, __ATOMIC_RELAXED);
        if (is_serial == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void *read_and_write(void *argument)
{
    for (int i = 0; i < ROUNDS; i++)
        if ((i + (int)(uintptr_t)argument) % 8) {
            pthread_rwlock_rdlock(&rwlock);
            if (pair[0] != pair[1])
                __atomic_fetch_add(&torn, 1, __ATOMIC_RELAXED);
            pthread_rwlock_unlock(&rwlock);
        } else {
            pthread_rwlock_wrlock(&rwlock);
            pair[0]++;
            sched_yield();
            pair[1]++;
            pthread_rwlock_unlock(&rwlock);
        }
    return NULL;
}

static void *spin_and_crowd(void *argument)
{
    (void)argument;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_spin_lock(&spin);
        counter++;
        pthread_spin_unlock(&spin);
        sem_wait(&places);
        if (__atomic_add_fetch(&inside, 1, __ATOMIC_RELAXED) > 3)
            __atomic_fetch_add(&crowd, 1, __ATOMIC_RELAXED);
        sched_yield();
        __atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
        sem_post(&places);
    }
    return NULL;
}

static void mutex_types(void)
{
    static const int types[] = {PTHREAD_MUTEX_ERRORCHECK,
                                PTHREAD_MUTEX_RECURSIVE};

    for (int i = 0; i < 2; i++) {
        pthread_mutexattr_t how;
        pthread_mutex_t m;
        pthread_mutexattr_init(&how);
        pthread_mutexattr_settype(&how, types[i]);
        pthread_mutex_init(&m, &how);
        CHECK(pthread_mutex_unlock(&m) == EPERM, "not ours: EPERM");
        CHECK(pthread_mutex_lock(&m) == 0, "lock");
        CHECK(pthread_mutex_lock(&m) == (i ? 0 : EDEADLK), "lock again");
        CHECK(pthread_mutex_trylock(&m) == (i ? 0 : EBUSY), "try");
        CHECK(pthread_mutex_unlock(&m) == 0, "unlock");
        pthread_mutex_destroy(&m);
    }
}

static void time_limits(void)
{
    struct timespec t, end;
    sem_t none;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += 20000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    pthread_mutex_lock(&mutex);
    int error = pthread_cond_timedwait(&filled, &mutex, &t);
    CHECK(error == ETIMEDOUT, "a condition that nobody signals");
    clock_gettime(CLOCK_REALTIME, &end);
    CHECK(end.tv_sec > t.tv_sec ||
              (end.tv_sec == t.tv_sec && end.tv_nsec >= t.tv_nsec),
          "not before its time");
    pthread_mutex_unlock(&mutex);
    sem_init(&none, 0, 0);
    CHECK(sem_trywait(&none) == -1 && errno == EAGAIN, "no place: EAGAIN");
    CHECK(sem_timedwait(&none, &t) == -1 && errno == ETIMEDOUT, "in the past");
    pthread_rwlock_rdlock(&rwlock);
    CHECK(pthread_rwlock_trywrlock(&rwlock) == EBUSY, "a reader is inside");
    CHECK(pthread_rwlock_tryrdlock(&rwlock) == 0, "one more may come");
    pthread_rwlock_unlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
}

int main(void)
{
    mutex_types();
    time_limits();
    all(count);
    CHECK(counter == THREADS * ROUNDS, "mutex: %d", counter);
    all(trade);
    CHECK(items_sum == THREADS / 2 * ROUNDS * (ROUNDS + 1) / 2,
          "conditions: %d", items_sum);
    counter = 0;
    pthread_barrier_init(&barrier, NULL, THREADS);
    all(meet);
    CHECK(serial == ROUNDS / 10 && !torn, "barrier: %d times", serial);
    all(read_and_write);
    CHECK(pair[0] == THREADS * ROUNDS / 8 && pair[0] == pair[1] && !torn,
          "read-write lock: %d", pair[0]);
    counter = 0;
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    sem_init(&places, 0, 3);
    all(spin_and_crowd);
    CHECK(counter == THREADS * ROUNDS, "spin lock: %d", counter);
    CHECK(!crowd, "never more than three at a time");
    return check_sum();
}
