/* SPDX-License-Identifier: MIT */
/*
 * vfork: the parent stands still until the child exits or runs another
 * program, and sees what the child wrote; CLONE_VFORK without CLONE_VM waits
 * as well but shares nothing. A killed child frees its parent too.
 */
#include "oracle.h"

static volatile int word;

static int write_late(void *argument)
{
    sleep_ms(20);
    word = 1;
    return (int)(intptr_t)argument;
}

static volatile int *shared;

static int write_shared(void *argument)
{
    sleep_ms(20);
    *shared = 1;
    return argument != NULL;
}

static int run_self(void *argument)
{
    static char *const argv[] = {"self", "sleep", NULL};

    (void)argument;
    word = 2;
    call(__NR_execve, "/proc/self/exe", argv, NULL);
    return 99;
}

static int run_nothing(void *argument)
{
    (void)argument;
    word = (int)call(__NR_execve, "/no/such/file", NULL, NULL);
    return 4;
}

static int die(void *argument)
{
    (void)argument;
    sleep_ms(5);
    word = 3;
    __asm__ volatile("ud2");
    return 0;
}

static int group(void *argument)
{
    (void)argument;
    word = 4;
    call(__NR_exit_group, 6);
    return 0;
}

/* Prints what was to be seen the moment that clone returned. */
static void try(const char *what, unsigned long flags, int (*start)(void *))
{
    long tid;
    int seen;

    word = 0;
    tid =
        oracle_clone(flags | SIGCHLD, NULL, NULL, NULL, NULL, start, (void *)5);
    seen = word;
    say("%s: word %d", what, seen);
    say_status("  status", wait_for(tid));
}

int main(int argc, char **argv)
{
    long start;

    if (argc > 1 && strcmp(argv[1], "sleep") == 0) {
        sleep_ms(20);
        return 8;
    }
    try("vfork, exit", CLONE_VM | CLONE_VFORK, write_late);
    try("vfork, exit_group", CLONE_VM | CLONE_VFORK, group);
    try("vfork, execve", CLONE_VM | CLONE_VFORK, run_self);
    try("vfork, execve fails", CLONE_VM | CLONE_VFORK, run_nothing);
    try("vfork, killed", CLONE_VM | CLONE_VFORK, die);
    try("CLONE_VFORK alone", CLONE_VFORK, write_late);
    /* It stood still although it shares nothing. */
    shared = shared_page();
    start = oracle_clone(CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL,
                         write_shared, NULL);
    expect("CLONE_VFORK alone, shared word", *shared, 1);
    wait_for(start);
    start = vfork();
    if (start == 0)
        _exit(12);
    say_status("the library's vfork", wait_for(start));
    return 0;
}
