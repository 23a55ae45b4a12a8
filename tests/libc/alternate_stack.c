/* SPDX-License-Identifier: MIT */
/*
 * Signal handlers on a stack of their own: a stack overflow is caught there,
 * in the first thread and in others, each with its alternate stack; nested
 * handlers stay on it; an ordinary handler does not go there.
 *
 * run: tier=quick
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include "libc.h"

#define STACK_BYTES (64 << 10)

static __thread sigjmp_buf back;
static __thread char *own;
static __thread int on_own, flags_inside, nested_on_own;

static int is_own(const void *place)
{
    return (const char *)place >= own &&
           (const char *)place < own + STACK_BYTES;
}

static void nested_handler(int number)
{
    int here = number;

    nested_on_own = is_own(&here);
}

static void overflow_handler(int number, siginfo_t *info, void *context)
{
    stack_t now;
    int here = number;

    (void)context;
    on_own = is_own(&here) && info->si_signo == SIGSEGV && info->si_addr;
    sigaltstack(NULL, &now);
    flags_inside = now.ss_flags;
    raise(SIGUSR1);
    siglongjmp(back, 1);
}

static int recurse(volatile char *above)
{
    volatile char room[1000];

    room[0] = above[0];
    return recurse(room) + room[1];
}

static void *overflow(void *name)
{
    stack_t stack = {.ss_size = STACK_BYTES}, old;
    volatile int caught = 0;

    own = malloc(STACK_BYTES);
    stack.ss_sp = own;
    sigaltstack(&stack, &old);
    for (volatile int i = 0; i < 3; i++)
        if (sigsetjmp(back, 1) == 0)
            recurse("x");
        else
            caught += on_own;
    stack.ss_flags = SS_DISABLE;
    int errors = sigaltstack(&stack, &old);
    intptr_t result = caught == 3 && !(old.ss_flags & SS_DISABLE) &&
                      flags_inside == SS_ONSTACK && nested_on_own && !errors;
    free(own);
    (void)name;
    return (void *)result;
}

static volatile int ordinary_place;

static void ordinary(int number)
{
    int here = number;

    ordinary_place = is_own(&here) ? 1 : 2;
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = overflow_handler};
    struct rlimit limit = {1 << 20, 1 << 20}; /* quick to fill */
    pthread_t threads[4];
    int right = 0;
    stack_t small = {.ss_sp = malloc(100), .ss_size = 100}, old;

    setrlimit(RLIMIT_STACK, &limit);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, NULL);
    action.sa_handler = nested_handler;
    action.sa_flags = SA_ONSTACK;
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGUSR2, ordinary);

    CHECK(sigaltstack(&small, NULL) == -1, "a stack of 100 bytes is refused");
    CHECK(sigaltstack(NULL, &old) == 0 && old.ss_flags == SS_DISABLE,
          "there is none at first");
    CHECK(overflow("first") != NULL, "overflow in the first thread");
    raise(SIGUSR2);
    CHECK(ordinary_place == 2, "an ordinary handler is elsewhere");
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, overflow, "other");
    for (int i = 0; i < 4; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        right += result != NULL;
    }
    CHECK(right == 4, "overflow in four threads");
    return check_sum();
}
