/* SPDX-License-Identifier: MIT */
/*
 * Leaving a handler by siglongjmp, many times, from the ordinary and from the
 * alternate stack; handlers that interrupt handlers, three deep, and return in
 * order; sigsetjmp gives the mask back.
 */
#include "oracle.h"
#include <setjmp.h>

static sigjmp_buf here;
static char order[64];

static void jump(int number)
{
    siglongjmp(here, number);
}

static void add(char letter)
{
    size_t length = strlen(order);

    if (length + 1 < sizeof(order))
        order[length] = letter;
}

static void nest(int number)
{
    add('(');
    if (number == SIGHUP)
        raise(SIGUSR1);
    if (number == SIGUSR1)
        raise(SIGUSR2);
    add(number == SIGHUP ? '1' : number == SIGUSR1 ? '2' : '3');
    add(')');
}

static void many(const char *what, int flags)
{
    struct sigaction action = {.sa_handler = jump, .sa_flags = flags};
    volatile int jumps = 0;
    sigset_t set;

    sigaction(SIGSEGV, &action, NULL);
    for (volatile int i = 0; i < 1000; i++)
        if (sigsetjmp(here, 1) == 0)
            *(volatile int *)BAD = 0;
        else
            jumps++;
    expect(what, jumps, 1000);
    sigprocmask(SIG_BLOCK, NULL, &set);
    expect("  SIGSEGV is not blocked", sigismember(&set, SIGSEGV), 0);
}

/* Without the mask the signal stays blocked: the next fault kills. */
static int no_mask(void *argument)
{
    signal(SIGSEGV, jump);
    if (sigsetjmp(here, 0) == 0)
        *(volatile int *)BAD = 0;
    *(volatile int *)BAD = 0;
    return argument != NULL;
}

int main(void)
{
    static char alternate[16384];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};

    many("jumps out of a handler", 0);
    many("with SA_SIGINFO", SA_SIGINFO);
    sigaltstack(&stack, NULL);
    many("off the alternate stack", SA_ONSTACK);
    in_child("the mask not saved", no_mask, NULL);
    signal(SIGHUP, nest);
    signal(SIGUSR1, nest);
    signal(SIGUSR2, nest);
    raise(SIGHUP);
    say("nested: %s", order);
    return 0;
}
