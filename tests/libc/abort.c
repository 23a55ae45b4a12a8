/* SPDX-License-Identifier: MIT */
/*
 * abort(): ends the program by SIGABRT though a handler is there and returns,
 * though the signal is ignored, though it is blocked; runs no atexit function.
 * At last the program itself ends that way.
 *
 * run: expect=134
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"

static void handler(int number)
{
    printf("the handler of signal %d returns\n", number);
    fflush(stdout);
}

static void never(void)
{
    printf("NOT to be seen\n");
    fflush(stdout);
}

static void with_handler(void)
{
    signal(SIGABRT, handler);
}

static void ignored(void)
{
    signal(SIGABRT, SIG_IGN);
}

static void blocked(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

static void try_one(const char *name, void (*prepare)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        prepare();
        abort();
    }
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s", name);
}

int main(void)
{
    atexit(never);
    try_one("with a handler", with_handler);
    try_one("ignored", ignored);
    try_one("blocked", blocked);
    check_sum();
    abort();
}
