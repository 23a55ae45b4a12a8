/* SPDX-License-Identifier: MIT */
/*
 * fork while four threads write. Each writes its round number into words of
 * its own, so a word only grows. The parent notes every word before and after
 * the fork: what the child finds must lie between (a value the parent held
 * during the call), must not change afterwards though the parent goes on, and
 * what the child writes must never be met by the parent's threads. Optional
 * argument: pages a thread (32).
 */
#include "linux.h"
#include <pthread.h>
#include <sched.h>

#define THREADS 4
#define WORDS   4 /* a page */
#define FORKS   20

static uint32_t pages = 32, words; /* of one thread */
static volatile uint32_t *memory_of[THREADS];
static volatile uint32_t *before, *after; /* shared, of all threads */
static volatile uint32_t *signs;          /* shared: 0 the child may compare */
static volatile int stop;
static volatile uint32_t trouble[THREADS], rounds[THREADS];

static volatile uint32_t *the_word(uint32_t thread, uint32_t i)
{
    return memory_of[thread] + i / WORDS * (PAGE / 4) + i % WORDS * 251;
}

static void *writer(void *argument)
{
    uint32_t self = (uint32_t)argument;
    for (uint32_t round = 1; !stop; round++) {
        for (uint32_t i = 0; i < words; i++) {
            volatile uint32_t *place = the_word(self, i);
            if (*place != round - 1)
                trouble[self]++;
            *place = round;
        }
        rounds[self] = round;
    }
    return NULL;
}

static void note(volatile uint32_t *where)
{
    for (uint32_t t = 0; t < THREADS; t++)
        for (uint32_t i = 0; i < words; i++)
            where[t * words + i] = *the_word(t, i);
}

/* 0, or what is wrong: 1 too old, 2 too new, 3 changed, 4 own write lost. */
static int child(uint32_t *mine)
{
    for (uint32_t t = 0; t < THREADS; t++)
        for (uint32_t i = 0; i < words; i++)
            mine[t * words + i] = *the_word(t, i);
    while (!signs[0])
        sched_yield();
    for (uint32_t i = 0; i < THREADS * words; i++) {
        if (mine[i] < before[i])
            return 1;
        if (mine[i] > after[i])
            return 2;
        if (mine[i] != *the_word(i / words, i % words))
            return 3;
    }
    for (uint32_t i = 0; i < THREADS * words; i++)
        *the_word(i / words, i % words) = 0xdead0000 + i;
    while (signs[0] != 2)
        sched_yield();
    for (uint32_t i = 0; i < THREADS * words; i++)
        if (*the_word(i / words, i % words) != 0xdead0000 + i)
            return 4;
    return 0;
}

/* Until every thread has gone through all of its words again. */
static void let_write(void)
{
    for (uint32_t t = 0; t < THREADS; t++) {
        uint32_t now = rounds[t];
        while (rounds[t] < now + 2)
            sched_yield();
    }
}

static int one_fork(uint32_t *mine)
{
    signs[0] = 0;
    note(before);
    pid_t pid = fork();
    if (pid == 0)
        _exit(child(mine));
    note(after);
    if (pid < 0)
        return 5;
    let_write();
    signs[0] = 1;
    let_write();
    signs[0] = 2;
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 6;
}

static void *shared(uint32_t size)
{
    unsigned long got = map(NULL, size, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (failed(got)) {
        printf("no shared memory: %s\n", outcome(got));
        exit(1);
    }
    return (void *)got;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {
        "as it must be",
        "a word was older than the fork",
        "a word was newer than the fork",
        "a word changed in the child after the fork",
        "the child's own write was lost",
        "no child",
        "the child died",
    };
    pthread_t threads[THREADS];
    int results[7] = {0};
    if (argc > 1)
        pages = (uint32_t)atoi(argv[1]);
    words = pages * WORDS;
    before = shared(THREADS * words * 4);
    after = shared(THREADS * words * 4);
    signs = shared(PAGE);
    uint32_t *mine =
        (uint32_t *)(void *)memory(THREADS * words * 4 / PAGE + 1, RW);
    for (uint32_t t = 0; t < THREADS; t++) {
        memory_of[t] = (uint32_t *)(void *)memory(pages, RW);
        if (pthread_create(&threads[t], NULL, writer, (void *)t))
            return 1;
    }
    let_write();
    for (int i = 0; i < FORKS; i++)
        results[one_fork(mine)]++;
    stop = 1;
    for (uint32_t t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int i = 0; i < 7; i++)
        if (results[i])
            tell("%d forks: %s", results[i], names[i]);
    for (uint32_t t = 0; t < THREADS; t++)
        tell("thread %u %s", t,
             trouble[t] ? "met a write not its own"
                        : "met only its own writes");
    return finish();
}
