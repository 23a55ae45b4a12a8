/* SPDX-License-Identifier: MIT */
/*
 * Faults against calls that change areas. Threads touch the place that mremap
 * moves pages to, before, while and after it does so: no page may be lost, nor
 * a frame. And a stack grows into the room that an mmap has just found free:
 * one of the two may have it.
 * run: -c 4 -m 64M seconds=3
 */
#include "linux.h"

#include <pthread.h>
#include <time.h>

#define PAGES   64
#define THREADS 3
#define SOURCE  ((char *)0x60000000)
#define TARGET  ((char *)0x70000000)
#define STACK   ((char *)0x78000000)

static volatile int stop, round_now, round_done;

/* Each race is run for a second: how often that is nobody knows. */
static int goes_on(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - start->tv_sec < 1 ||
           (now.tv_sec - start->tv_sec == 1 && now.tv_nsec < start->tv_nsec);
}

static void *touch(void *argument)
{
    while (!stop)
        for (unsigned i = 0; i < PAGES; i++)
            probe_read(TARGET + i * PAGE, NULL);
    return argument;
}

/* How many of the pages were not there when they had been moved. */
static int move_once(unsigned first)
{
    int lost = 0;
    map(SOURCE, PAGES * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    fill(SOURCE, PAGES, first);
    if (mremap(SOURCE, PAGES * PAGE, PAGES * PAGE,
               MREMAP_MAYMOVE | MREMAP_FIXED, TARGET) != TARGET)
        return PAGES;
    for (unsigned i = 0; i < PAGES; i++)
        lost += *word(TARGET, i) != first + i;
    munmap(TARGET, PAGES * PAGE);
    return lost;
}

static void moves(void)
{
    pthread_t thread[THREADS];
    struct timespec start;
    int lost = 0;
    stop = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, touch, NULL);
    for (unsigned i = 0; goes_on(&start); i++)
        lost += move_once(1 + i * PAGES);
    stop = 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    tell("%d pages lost by mremap", lost);
}

/* Makes the stack grow by four pages, in each round once. */
static void *grow(void *argument)
{
    for (int last = 0; !stop; round_done = last) {
        while (round_now == last && !stop)
            ;
        last = round_now;
        probe_write(STACK - 4 * PAGE, 1);
    }
    return argument;
}

/* Whether a map and the stack have got the same addresses. */
static int grow_once(int number)
{
    char *below = STACK - 8 * PAGE;
    map(STACK, PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
    fill(STACK, 1, 1);
    round_now = number;
    for (volatile int i = 0; i < number * 7 % 3000; i++)
        ;
    int got = !failed(
        map(below, 8 * PAGE, PROT_NONE, ANON | MAP_FIXED_NOREPLACE, -1, 0));
    while (round_done != number)
        ;
    int both = got && !probe_read(STACK - 4 * PAGE, NULL);
    munmap(below, 9 * PAGE);
    return both;
}

static void growth(void)
{
    pthread_t thread;
    struct timespec start;
    int both = 0;
    stop = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pthread_create(&thread, NULL, grow, NULL);
    for (int i = 1; goes_on(&start); i++)
        both += grow_once(i);
    stop = 1;
    pthread_join(thread, NULL);
    tell("%d stacks grown into maps", both);
}

int main(void)
{
    probes_begin();
    moves();
    growth();
    return finish();
}
