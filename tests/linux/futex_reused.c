/* SPDX-License-Identifier: MIT */
/*
 * Who waits on shared memory that is gone is not woken in the place of others,
 * who wait on later memory, wherever the system keeps what it knows of both.
 */
#include "oracle.h"

#define ROUNDS 4

struct waiter {
    volatile int *word, ready, done;
    volatile long result;
};

static int wait_long(void *argument)
{
    struct waiter *waiter = argument;
    struct timespec time = {0, 150000000};

    waiter->ready = 1;
    waiter->result = call(__NR_futex, waiter->word, FUTEX_WAIT, 0, &time);
    waiter->done = 1;
    return 0;
}

static volatile int *new_word(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
}

static void start(struct waiter *waiter)
{
    waiter->ready = waiter->done = 0;
    waiter->word = new_word();
    start_task(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
               wait_long, waiter);
    wait_until(&waiter->ready, 1);
    sleep_ms(10);
}

int main(void)
{
    struct waiter early, late;
    int right = 0;

    for (int i = 0; i < ROUNDS; i++) {
        start(&early);
        munmap((void *)early.word, 4096);
        start(&late);
        right += call(__NR_futex, late.word, FUTEX_WAKE, 1) == 1;
        wait_until(&late.done, 1);
        wait_until(&early.done, 1);
        right += late.result == 0 && early.result == -ETIMEDOUT;
        munmap((void *)late.word, 4096);
    }
    expect("right", right, 2 * ROUNDS);
    return 0;
}
