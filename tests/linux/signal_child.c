/* SPDX-License-Identifier: MIT */
/*
 * SIGCHLD: sent when a child ends; with SIG_IGN or SA_NOCLDWAIT children
 * leave no zombie, and a wait that is under way ends with ECHILD when the last
 * one is gone; SA_NOCLDWAIT still sends the signal.
 */
#include "oracle.h"

static volatile int calls;

static void handler(int number)
{
    (void)number;
    calls++;
}

static int leave(void *argument)
{
    sleep_ms((intptr_t)argument);
    return 7;
}

static void try(const char *what, void (*function)(int), int flags)
{
    struct sigaction action = {.sa_handler = function, .sa_flags = flags};
    int status = 0x55;
    long pid, result;

    calls = 0;
    sigaction(SIGCHLD, &action, NULL);
    pid = start_task(SIGCHLD, leave, (void *)30);
    start_task(SIGCHLD, leave, (void *)1);
    do
        result = call(__NR_wait4, pid, &status, 0, 0);
    while (result == -EINTR);
    say("%s: wait4 %s, status %#x", what,
        result == pid ? "found" : strerrorname_np((int)-result),
        (unsigned)status);
    do
        result = call(__NR_wait4, -1, NULL, 0, 0);
    while (result == -EINTR);
    say("  the other: %s",
        result > 0 ? "found" : strerrorname_np((int)-result));
    expect("  then", call(__NR_wait4, -1, NULL, __WALL, 0), -ECHILD);
    expect("  calls", calls, function == handler ? 2 : 0);
}

/* Only a child with another exit signal is not touched by SIGCHLD's action. */
static void other_signal(void)
{
    long pid;

    signal(SIGCHLD, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    pid = start_task(SIGUSR1, leave, NULL);
    say_status("SIGCHLD ignored, exit signal SIGUSR1", wait_for(pid));
    pid = start_task(0, leave, NULL);
    say_status("SIGCHLD ignored, exit signal 0", wait_for(pid));
}

/* A zombie that was there before SIGCHLD was ignored stays. */
static void zombie_before(void)
{
    long pid;

    signal(SIGCHLD, SIG_DFL);
    pid = start_task(SIGCHLD, leave, NULL);
    call(__NR_waitid, P_PID, pid, NULL, WEXITED | WNOWAIT, 0);
    signal(SIGCHLD, SIG_IGN);
    say_status("a zombie from before", wait_for(pid));
}

static void blocked(void)
{
    struct sigaction action = {.sa_handler = handler};
    sigset_t set;

    calls = 0;
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 3; i++)
        wait_for(start_task(SIGCHLD, leave, NULL));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    expect("three ends while blocked: calls", calls, 1);
}

int main(void)
{
    try("default", SIG_DFL, 0);
    try("handler", handler, 0);
    try("handler SA_RESTART", handler, SA_RESTART);
    try("SIG_IGN", SIG_IGN, 0);
    try("SA_NOCLDWAIT", SIG_DFL, SA_NOCLDWAIT);
    try("SA_NOCLDWAIT, handler", handler, SA_NOCLDWAIT);
    other_signal();
    zombie_before();
    blocked();
    return 0;
}
