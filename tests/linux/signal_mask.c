/* SPDX-License-Identifier: MIT */
/*
 * rt_sigprocmask and rt_sigpending, with their old forms: what is blocked
 * waits and comes once when it is let in, SIGKILL and SIGSTOP stay out of any
 * mask, a child takes the mask over but not what is pending.
 */
#include "oracle.h"

static volatile int calls;

static void handler(int number)
{
    (void)number;
    calls++;
}

static uint64_t mask(int how, uint64_t set)
{
    uint64_t old = 1;

    expect("  sigprocmask", call(__NR_rt_sigprocmask, how, &set, &old, 8), 0);
    return old;
}

static uint64_t current(void)
{
    uint64_t old = 1;

    call(__NR_rt_sigprocmask, SIG_BLOCK, NULL, &old, 8);
    return old;
}

static uint64_t pending(void)
{
    uint64_t set = 1;

    call(__NR_rt_sigpending, &set, 8);
    return set;
}

#define BIT(number) (1ull << ((number)-1))

static int in_fork(void *argument)
{
    (void)argument;
    return (current() == BIT(SIGUSR1) ? 1 : 0) | (pending() ? 2 : 0);
}

static void errors(void)
{
    uint64_t set = 0;

    expect("how 3", call(__NR_rt_sigprocmask, 3, &set, NULL, 8), -EINVAL);
    expect("how 3, no set", call(__NR_rt_sigprocmask, 3, NULL, NULL, 8), 0);
    expect("size 4", call(__NR_rt_sigprocmask, SIG_BLOCK, &set, NULL, 4),
           -EINVAL);
    expect("size 16", call(__NR_rt_sigprocmask, SIG_BLOCK, &set, NULL, 16),
           -EINVAL);
    expect("set bad", call(__NR_rt_sigprocmask, SIG_BLOCK, BAD, NULL, 8),
           -EFAULT);
    expect("old bad", call(__NR_rt_sigprocmask, SIG_BLOCK, NULL, BAD, 8),
           -EFAULT);
    expect("pending bad", call(__NR_rt_sigpending, BAD, 8), -EFAULT);
    expect("pending size 16", call(__NR_rt_sigpending, &set, 16), -EINVAL);
    expect("pending size 4", call(__NR_rt_sigpending, &set, 4), 0);
}

/* The calls from before there were 64 signals. */
static void old_forms(void)
{
    unsigned long set = BIT(SIGUSR2), old = 77;

    expect("old sigprocmask", call(126, SIG_SETMASK, &set, &old), 0);
    expect("  old mask", old, 0);
    raise(SIGUSR2);
    expect("old sigpending", call(73, &old), 0);
    check("  SIGUSR2", old == BIT(SIGUSR2));
    set = 0;
    expect("old sigprocmask", call(126, SIG_SETMASK, &set, NULL), 0);
    expect("  it came", calls, 1);
}

int main(void)
{
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    check("mask empty at first", mask(SIG_BLOCK, BIT(SIGUSR1)) == 0);
    raise(SIGUSR1);
    raise(SIGUSR1);
    expect("blocked: calls", calls, 0);
    check("pending", pending() == BIT(SIGUSR1));
    say("fork: %d", WEXITSTATUS(wait_for(start_task(SIGCHLD, in_fork, NULL))));
    check("unblock", mask(SIG_UNBLOCK, BIT(SIGUSR1)) == BIT(SIGUSR1));
    expect("came once", calls, 1);
    check("nothing pending", pending() == 0);
    check("block all", mask(SIG_SETMASK, ~0ull) == 0);
    check("all but SIGKILL and SIGSTOP",
          current() == ~(BIT(SIGKILL) | BIT(SIGSTOP)));
    raise(SIGUSR1);
    raise(SIGUSR2);
    raise(SIGRTMAX);
    check("three pending",
          pending() == (BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(64)));
    signal(SIGRTMAX, SIG_IGN);
    check("one ignored is no more pending",
          pending() == (BIT(SIGUSR1) | BIT(SIGUSR2)));
    check("let them in", mask(SIG_SETMASK, 0) != 0);
    expect("came", calls, 3);
    errors();
    calls = 0;
    old_forms();
    return 0;
}
