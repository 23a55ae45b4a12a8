/* SPDX-License-Identifier: MIT */
/*
 * Semaphores, mutexes, conditions and a barrier that are shared between
 * processes, in anonymous shared memory that fork() passes on. They are the
 * same objects as between threads, but in another MM each: a futex is found by
 * what the page is, not by where it is.
 */
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"

#define CHILDREN 5
#define ROUNDS   200

static struct {
    sem_t ping, pong, done;
    pthread_mutex_t mutex;
    pthread_cond_t turn_changed;
    pthread_barrier_t barrier;
    int counter, turn, wrong, balls;
} * shared;

static void make(void)
{
    pthread_mutexattr_t m;
    pthread_condattr_t c;
    pthread_barrierattr_t b;

    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED, "shared memory");
    sem_init(&shared->ping, 1, 0);
    sem_init(&shared->pong, 1, 0);
    sem_init(&shared->done, 1, 0);
    pthread_mutexattr_init(&m);
    pthread_mutexattr_setpshared(&m, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&shared->mutex, &m);
    pthread_condattr_init(&c);
    pthread_condattr_setpshared(&c, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&shared->turn_changed, &c);
    pthread_barrierattr_init(&b);
    pthread_barrierattr_setpshared(&b, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&shared->barrier, &b, CHILDREN);
}

static void count(int self)
{
    (void)self;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&shared->mutex);
        int before = shared->counter;
        if (i % 16 == 0)
            usleep(100);
        shared->counter = before + 1;
        pthread_mutex_unlock(&shared->mutex);
    }
    sem_post(&shared->done);
}

static void take_turns(int self)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&shared->mutex);
        while (shared->turn % CHILDREN != self)
            pthread_cond_wait(&shared->turn_changed, &shared->mutex);
        shared->wrong += shared->turn != i * CHILDREN + self;
        shared->turn++;
        pthread_cond_broadcast(&shared->turn_changed);
        pthread_mutex_unlock(&shared->mutex);
    }
}

static void meet(int self)
{
    (void)self;
    for (int i = 1; i <= ROUNDS / 4; i++) {
        __atomic_fetch_add(&shared->counter, 1, __ATOMIC_RELAXED);
        pthread_barrier_wait(&shared->barrier);
        if (__atomic_load_n(&shared->counter, __ATOMIC_RELAXED) != i * CHILDREN)
            __atomic_fetch_add(&shared->wrong, 1, __ATOMIC_RELAXED);
        pthread_barrier_wait(&shared->barrier);
    }
}

/* All children do this; how many ended well. */
static int all(void (*work)(int))
{
    int well = 0, status;

    shared->counter = shared->wrong = 0;
    for (int i = 0; i < CHILDREN; i++)
        if (fork() == 0) {
            work(i);
            _exit(0);
        }
    while (wait(&status) > 0)
        well += status == 0;
    return well;
}

static void ping_pong(void)
{
    pid_t child = fork();

    if (child == 0) {
        for (int i = 0; i < ROUNDS; i++) {
            sem_wait(&shared->ping);
            shared->balls++;
            sem_post(&shared->pong);
        }
        _exit(0);
    }
    int seen = 0;
    for (int i = 0; i < ROUNDS; i++) {
        sem_post(&shared->ping);
        sem_wait(&shared->pong);
        seen += shared->balls == i + 1;
    }
    waitpid(child, NULL, 0);
    CHECK(seen == ROUNDS, "ping-pong: %d", seen);
}

int main(void)
{
    int posts = 0;

    make();
    ping_pong();
    CHECK(all(count) == CHILDREN, "children with one mutex");
    CHECK(shared->counter == CHILDREN * ROUNDS, "count %d", shared->counter);
    while (sem_trywait(&shared->done) == 0)
        posts++;
    CHECK(posts == CHILDREN, "posts: %d", posts);
    CHECK(all(take_turns) == CHILDREN, "children with one condition");
    CHECK(shared->turn == CHILDREN * ROUNDS && !shared->wrong, "in turn");
    CHECK(all(meet) == CHILDREN, "children at one barrier");
    CHECK(!shared->wrong, "none was early");
    return check_sum();
}
