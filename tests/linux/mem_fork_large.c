/* SPDX-License-Identifier: MIT */
/*
 * fork of a task with 1 GiB of touched memory while four threads write it. The
 * first word of each page counts upwards. What the child finds in a word must
 * lie between what the parent saw there before the call and after it: a value
 * that the parent held at some time during the call. A write after the call
 * has returned is not seen by the other side: the child's words stay as they
 * are, and the child's own writes do not reach the parent.
 *
 * run: guest -m 3G tier=full seconds=60
 */
#include "oracle.h"
#include <pthread.h>
#include <sys/mman.h>

#define PAGES   (1u << 18)
#define STRIDE  1024u /* words a page */
#define THREADS 4u
#define MARK    0x80000000u /* a word that the child has written */

static volatile uint32_t *memory;
static uint32_t *before, *after; /* what the parent saw; shared */
static volatile int stop;

static void *writer(void *argument)
{
    uint32_t self = (uint32_t)argument, step = 7;

    for (uint32_t at = self; !stop; at = (at + THREADS * step) % PAGES)
        memory[at / THREADS * THREADS * STRIDE + self * STRIDE]++;
    return NULL;
}

static void look(uint32_t *seen)
{
    for (uint32_t i = 0; i < PAGES; i++)
        seen[i] = memory[i * STRIDE];
}

/* The child: 0, or what is wrong. */
static int check_child(volatile uint32_t *ready)
{
    static uint32_t found[PAGES];
    int wrong = 0;

    look(found);
    while (!*ready) /* until the parent has looked, too */
        sched_yield();
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t now = memory[i * STRIDE];
        if (now != found[i])
            wrong |= 1;
        if (now - before[i] > after[i] - before[i])
            wrong |= 2;
        memory[i * STRIDE] = MARK;
    }
    return wrong;
}

int main(void)
{
    pthread_t threads[THREADS];
    int status = -1, marked = 0;
    size_t table = PAGES * sizeof(uint32_t);

    memory = mmap(NULL, (size_t)PAGES * 4096, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint32_t *tables = mmap(NULL, 2 * table + 4096, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || tables == MAP_FAILED)
        return 2;
    before = tables;
    after = tables + PAGES;
    volatile uint32_t *ready = tables + 2 * PAGES;
    for (uint32_t i = 0; i < PAGES; i++)
        memory[i * STRIDE] = 1;
    for (uint32_t t = 0; t < THREADS; t++)
        pthread_create(&threads[t], NULL, writer, (void *)t);
    look(before);
    pid_t child = fork();
    if (child == 0)
        _exit(check_child(ready));
    look(after);
    *ready = 1;
    waitpid(child, &status, 0);
    stop = 1;
    for (uint32_t t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (uint32_t i = 0; i < PAGES; i++)
        marked += memory[i * STRIDE] >= MARK;
    printf("child: %s\n", status ? "BAD" : "each word as it was during fork");
    printf("parent: %d words of the child's\n", marked);
    return status != 0 || marked != 0;
}
