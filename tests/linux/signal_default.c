/* SPDX-License-Identifier: MIT */
/*
 * Default actions: what a task ignores its child ignores, what it handles its
 * child handles. And Linux keeps a blocked signal whatever its action is, but
 * forgets what is pending the moment that it is ignored.
 */
#include "oracle.h"

static volatile int calls;

static void handler(int number)
{
    (void)number;
    calls++;
}

static int raise_it(void *argument)
{
    raise((int)(intptr_t)argument);
    return 5;
}

static void kept_while_blocked(int number, void (*function)(int),
                               const char *what)
{
    sigset_t set, pending;

    calls = 0;
    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, function);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(number);
    sigpending(&pending);
    say("%s, blocked: pending %d", what, sigismember(&pending, number));
    signal(number, handler);
    sigpending(&pending);
    say("  with a handler now: pending %d", sigismember(&pending, number));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    say("  let in: calls %d", calls);
    signal(number, SIG_DFL);
}

int main(void)
{
    signal(SIGTERM, SIG_IGN);
    in_child("ignored by the parent", raise_it, (void *)SIGTERM);
    signal(SIGTERM, handler);
    in_child("handled by the parent", raise_it, (void *)SIGTERM);
    signal(SIGTERM, SIG_DFL);
    in_child("default", raise_it, (void *)SIGTERM);
    in_child("SIGCHLD", raise_it, (void *)SIGCHLD);
    in_child("SIGURG", raise_it, (void *)SIGURG);
    in_child("SIGWINCH", raise_it, (void *)SIGWINCH);
    in_child("SIGCONT", raise_it, (void *)SIGCONT);
    in_child("SIGRTMAX", raise_it, (void *)64);
    kept_while_blocked(SIGUSR1, SIG_IGN, "ignored SIGUSR1");
    kept_while_blocked(SIGUSR1, SIG_DFL, "default SIGUSR1");
    kept_while_blocked(SIGURG, SIG_DFL, "default SIGURG");
    kept_while_blocked(SIGCONT, SIG_DFL, "default SIGCONT");
    return 0;
}
