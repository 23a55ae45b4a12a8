/* SPDX-License-Identifier: MIT */
/*
 * The edge of low memory: forks until one is refused, then again and again,
 * each time with one page table more taken by the parent and one child less. A
 * fork that is allowed must leave its child the tables for its faults, however
 * the last of the memory falls: nobody is ended who did not fail to fork.
 *
 * run: guest -m 512M -a "lowmem=12M pt=lowmem" seconds=3
 */
#include "oracle.h"

#define MOST   1024
#define STEP   (2u << 20) /* what one page table maps */
#define TABLES 8          /* that each child's faults need */
#define PHASES 24

static volatile int *ready;
static char *area;
static long children[MOST];
static int made;

static void touch(int first, int count)
{
    for (int i = first; i < first + count; i++)
        *(volatile char *)(area + i * STEP) = 1;
}

static long fork_one(void)
{
    long pid = call(__NR_fork);

    if (pid == 0) {
        touch(PHASES, TABLES);
        *ready = 1;
        for (;;)
            call(__NR_pause);
    }
    if (pid > 0 && made < MOST)
        children[made++] = pid;
    return pid;
}

static int fork_all(void)
{
    long pid;

    for (;;) {
        *ready = 0;
        pid = fork_one();
        if (pid < 0)
            return (int)pid;
        for (int i = 0; i < 5000 && !*ready; i++)
            sleep_ms(1);
        if (!*ready || made == MOST)
            return 0;
    }
}

int main(void)
{
    int refused = 0, alive = 0;

    ready = shared_page();
    area = mmap(NULL, (PHASES + TABLES) * STEP, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    for (int phase = 0; phase < PHASES; phase++) {
        refused += fork_all() == -ENOMEM;
        touch(phase, 1);
        if (made) {
            call(__NR_kill, children[--made], SIGKILL);
            wait_for(children[made]);
        }
    }
    expect("refused with ENOMEM", refused, PHASES);
    for (int i = 0; i < made; i++) {
        call(__NR_kill, children[i], SIGTERM);
        int status = wait_for(children[i]);
        alive += WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    }
    expect("children ended by others", made - alive, 0);
    return refused != PHASES || alive != made;
}
