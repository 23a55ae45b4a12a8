/* SPDX-License-Identifier: MIT */
/*
 * 300 forks alive at once, each with its own copy of memory that it writes;
 * then each is waited for and its status is its own. Then a chain of forks
 * 50 deep, each waiting for the next.
 */
#include "oracle.h"

#define CHILDREN 300

static int memory[16384];

static int child(volatile int *go, int number)
{
    for (size_t i = 0; i < COUNT(memory); i += 1024)
        memory[i] += number;
    while (!*go)
        call(__NR_futex, go, FUTEX_WAIT, 0, 0);
    for (size_t i = 0; i < COUNT(memory); i += 1024)
        if (memory[i] != number + 1)
            return 255;
    return number % 250;
}

/* The depth reached below, at most 50: each adds one to its child's. */
static int chain(int depth)
{
    long pid;

    if (depth == 0)
        return 0;
    pid = call(__NR_fork);
    if (pid == 0)
        call(__NR_exit_group, chain(depth - 1));
    return WEXITSTATUS(wait_for(pid)) + 1;
}

int main(void)
{
    static long pids[CHILDREN];
    volatile int *go = shared_page();
    int made = 0, right = 0;

    for (size_t i = 0; i < COUNT(memory); i++)
        memory[i] = 1;
    for (int i = 0; i < CHILDREN; i++) {
        pids[i] = call(__NR_fork);
        if (pids[i] == 0)
            call(__NR_exit_group, child(go, i));
        made += pids[i] > 0;
    }
    expect("made", made, CHILDREN);
    *go = 1;
    call(__NR_futex, go, FUTEX_WAKE, 0x7fffffff);
    for (int i = CHILDREN - 1; i >= 0; i--)
        right += wait_for(pids[i]) == i % 250 << 8;
    expect("right statuses", right, CHILDREN);
    expect("our own memory", memory[1024], 1);
    expect("no child is left", call(__NR_wait4, -1, NULL, __WALL, 0), -ECHILD);
    expect("chain", chain(50), 50);
    return 0;
}
