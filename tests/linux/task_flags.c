/* SPDX-License-Identifier: MIT */
/*
 * What two tasks see of each other with each of the flags CLONE_VM,
 * CLONE_FILES, CLONE_FS and CLONE_SIGHAND, alone and together: a word of
 * memory, a handle that the new task opens and one that it closes, and a
 * signal's handler.
 */
#include "oracle.h"

static volatile int word;

static void handler(int number)
{
    (void)number;
}

/* The new task changes everything that it can. */
static int change(void *argument)
{
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        unsigned long mask[2];
    } raw = {(void *)handler, 0, NULL, {0, 0}};

    (void)argument;
    word = 1;
    call(__NR_close, 100);
    call(__NR_dup2, 1, 101);
    call(__NR_rt_sigaction, SIGUSR1, &raw, NULL, 8);
    return 7;
}

static bool is_open(int handle)
{
    return call(__NR_fcntl64, handle, F_GETFD, 0) >= 0;
}

static void try(unsigned long flags)
{
    struct sigaction action;
    char text[128];
    int status;

    word = 0;
    signal(SIGUSR1, SIG_IGN);
    call(__NR_dup2, 1, 100);
    call(__NR_close, 101);
    status = wait_for(start_task(flags | SIGCHLD, change, NULL));
    sigaction(SIGUSR1, NULL, &action);
    snprintf(text, sizeof(text), "clone%s%s%s%s", flags & CLONE_VM ? " VM" : "",
             flags & CLONE_FILES ? " FILES" : "",
             flags & CLONE_SIGHAND ? " SIGHAND" : "",
             flags & CLONE_FS ? " FS" : "");
    say("%s: exit %d, memory %s, close %s, open %s, handler %s", text,
        WEXITSTATUS(status), word ? "seen" : "own",
        is_open(100) ? "own" : "seen", is_open(101) ? "seen" : "own",
        action.sa_handler == handler ? "seen" : "own");
}

int main(void)
{
    for (int bits = 0; bits < 16; bits++) {
        unsigned long flags =
            (bits & 1 ? CLONE_VM : 0) | (bits & 2 ? CLONE_FILES : 0) |
            (bits & 4 ? CLONE_SIGHAND : 0) | (bits & 8 ? CLONE_FS : 0);

        if (!(flags & CLONE_SIGHAND) || (flags & CLONE_VM))
            try(flags);
    }
    return 0;
}
