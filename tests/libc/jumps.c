/* SPDX-License-Identifier: MIT */
/*
 * setjmp() and longjmp(): values, nesting, out of deep recursion, out of a
 * signal handler with the mask restored, in several threads at once.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>

#include "libc.h"

static jmp_buf outer, inner;
static sigjmp_buf from_handler;

static void values(void)
{
    volatile int times = 0;
    int value = setjmp(outer);

    printf("came with %d, time %d\n", value, times);
    if (++times < 4)
        longjmp(outer, times - 1); /* 0 arrives as 1 */
    CHECK(times == 4, "four times");
}

static int deep(int depth)
{
    volatile char room[200];

    room[0] = (char)depth;
    if (depth == 0)
        longjmp(inner, 77);
    return deep(depth - 1) + room[0];
}

static void nested(void)
{
    volatile int caught = 0;

    if (setjmp(outer) == 0) {
        int value = setjmp(inner);
        if (value == 0)
            deep(5000);
        caught = value;
        longjmp(outer, 2);
    } else {
        CHECK(caught == 77, "out of 5000 frames, then out of the outer one");
    }
}

static void handler(int number)
{
    siglongjmp(from_handler, number);
}

static void signals(void)
{
    volatile int caught = 0;
    sigset_t mask;

    signal(SIGSEGV, handler);
    signal(SIGFPE, handler);
    for (volatile int i = 0; i < 50; i++) {
        if (sigsetjmp(from_handler, 1) == 0) {
            if (i % 2)
                *(volatile int *)8 = 1;
            raise(SIGFPE);
        } else {
            caught++;
        }
    }
    CHECK(caught == 50, "50 times out of a handler");
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGSEGV) && !sigismember(&mask, SIGFPE),
          "nothing stays blocked");
    signal(SIGSEGV, SIG_DFL);
    signal(SIGFPE, SIG_DFL);
}

static void *in_thread(void *argument)
{
    jmp_buf here;
    volatile uintptr_t times = 0;

    setjmp(here);
    if (++times < 200 + (uintptr_t)argument) {
        if (times % 16 == 0)
            sched_yield();
        longjmp(here, 1);
    }
    return (void *)times;
}

int main(void)
{
    pthread_t threads[8];
    int right = 0;

    values();
    nested();
    signals();
    for (uintptr_t i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, in_thread, (void *)i);
    for (uintptr_t i = 0; i < 8; i++) {
        void *times = NULL;
        pthread_join(threads[i], &times);
        right += times == (void *)(200 + i);
    }
    CHECK(right == 8, "in eight threads");
    return check_sum();
}
