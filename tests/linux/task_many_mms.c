/* SPDX-License-Identifier: MIT */
/*
 * 2,000 MMs alive at once: as many forked children, each of which has written
 * a page of its own and waits to be told to end. Then all of them are waited
 * for, and each has kept its page.
 *
 * run: guest -m 512M seconds=10
 */
#include "oracle.h"
#include <sys/mman.h>

#define CHILDREN 2000

struct shared {
    volatile uint32_t ready, end;
};

static void live(struct shared *shared, int number)
{
    static volatile int own = 7;

    own = number;
    __atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
    while (!shared->end)
        usleep(1000);
    _exit(own == number ? number % 100 : 255);
}

int main(void)
{
    static pid_t children[CHILDREN];
    int made = 0, right = 0, status;
    struct shared *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    for (; made < CHILDREN; made++) {
        children[made] = fork();
        if (children[made] < 0)
            break;
        if (children[made] == 0)
            live(shared, made);
    }
    while (shared->ready < (uint32_t)made)
        usleep(1000);
    printf("%d alive at once\n", made);
    shared->end = 1;
    for (int i = 0; i < made; i++)
        right += waitpid(children[i], &status, 0) == children[i] &&
                 WIFEXITED(status) && WEXITSTATUS(status) == i % 100;
    printf("%d ended as they should\n", right);
    return made != CHILDREN || right != CHILDREN;
}
