/* SPDX-License-Identifier: MIT */
/*
 * rt_sigaction: the old action that it returns, its errors, SA_RESETHAND,
 * SA_NODEFER, the mask during a handler, and that SIGKILL and SIGSTOP can
 * neither be caught nor blocked.
 */
#include "oracle.h"

static volatile int depth, deepest, calls, blocked_inside;

static void nest(int number)
{
    sigset_t set;

    calls++;
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (calls < 3)
        raise(number);
    sigprocmask(SIG_BLOCK, NULL, &set);
    blocked_inside = 0;
    for (int i = 1; i < 32; i++)
        blocked_inside += sigismember(&set, i) == 1;
    depth--;
}

static void try(const char *what, int flags)
{
    struct sigaction action = {.sa_handler = nest, .sa_flags = flags}, after;

    calls = deepest = depth = 0;
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaddset(&action.sa_mask, SIGHUP);
    sigaddset(&action.sa_mask, SIGKILL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &after);
    say("%s: %d calls, %d deep, %d blocked inside, afterwards %s", what, calls,
        deepest, blocked_inside,
        after.sa_handler == nest      ? "handler"
        : after.sa_handler == SIG_DFL ? "default"
                                      : "OTHER");
}

static int reset(void *argument)
{
    struct sigaction action = {.sa_handler = SIG_IGN};

    (void)argument;
    action.sa_handler = nest;
    action.sa_flags = SA_RESETHAND;
    calls = 3;
    sigaction(SIGTERM, &action, NULL);
    raise(SIGTERM);
    raise(SIGTERM);
    return 1;
}

/* The kernel's own structure. */
struct raw {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask[2];
};

static void returned(void)
{
    struct raw new = {
        (void *)nest, SA_RESTART | SA_NOCLDSTOP, NULL, {0xffffffff, 0x55}};
    struct raw old = {BAD, 1, BAD, {1, 1}};

    expect("old: default", call(__NR_rt_sigaction, 40, &new, &old, 8), 0);
    check("  all zero", !old.handler && !old.flags && !old.mask[0]);
    expect("old: as set", call(__NR_rt_sigaction, 40, NULL, &old, 8), 0);
    check("  handler", old.handler == (void *)nest);
    expect("  flags", old.flags, SA_RESTART | SA_NOCLDSTOP);
    check("  mask without SIGKILL and SIGSTOP",
          old.mask[0] == (0xffffffff & ~(1u << 8 | 1u << 18)) &&
              old.mask[1] == 0x55);
    new.handler = SIG_IGN;
    expect("new and old in one", call(__NR_rt_sigaction, 40, &new, &new, 8), 0);
    check("  the old came", new.handler == (void *)nest);
}

static void errors(void)
{
    struct raw action = {SIG_IGN, 0, NULL, {0, 0}};

    expect("signal 0", call(__NR_rt_sigaction, 0, NULL, NULL, 8), -EINVAL);
    expect("signal 65", call(__NR_rt_sigaction, 65, NULL, NULL, 8), -EINVAL);
    expect("signal -1", call(__NR_rt_sigaction, -1, NULL, NULL, 8), -EINVAL);
    expect("signal 64", call(__NR_rt_sigaction, 64, NULL, NULL, 8), 0);
    expect("SIGKILL", call(__NR_rt_sigaction, SIGKILL, &action, NULL, 8),
           -EINVAL);
    expect("SIGSTOP", call(__NR_rt_sigaction, SIGSTOP, &action, NULL, 8),
           -EINVAL);
    expect("SIGKILL, only asked",
           call(__NR_rt_sigaction, SIGKILL, NULL, &action, 8), 0);
    expect("mask of 4 bytes", call(__NR_rt_sigaction, SIGHUP, NULL, NULL, 4),
           -EINVAL);
    expect("mask of 128 bytes",
           call(__NR_rt_sigaction, SIGHUP, NULL, NULL, 128), -EINVAL);
    expect("new at a bad address",
           call(__NR_rt_sigaction, SIGHUP, BAD, NULL, 8), -EFAULT);
    expect("old at a bad address",
           call(__NR_rt_sigaction, SIGHUP, NULL, BAD, 8), -EFAULT);
    expect("bad address before bad number",
           call(__NR_rt_sigaction, 65, BAD, NULL, 8), -EFAULT);
}

int main(void)
{
    try("plain", 0);
    try("SA_NODEFER", SA_NODEFER);
    try("SA_RESTART", SA_RESTART);
    in_child("SA_RESETHAND", reset, NULL);
    returned();
    errors();
    return 0;
}
