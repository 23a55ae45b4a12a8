/* SPDX-License-Identifier: MIT */
/*
 * Handles between tasks: a fork copies the table but shares each offset; with
 * CLONE_FILES the table is one; execve closes those with O_CLOEXEC only, and
 * unshares a table that was shared first.
 */
#include "oracle.h"

static long offset(int handle)
{
    return call(__NR_lseek, handle, 0, SEEK_CUR);
}

static int move_and_close(void *argument)
{
    int file = (int)(intptr_t)argument;

    call(__NR_lseek, file, 321, SEEK_SET);
    call(__NR_close, file);
    call(__NR_dup2, 1, 90);
    return 0;
}

static void try(const char *what, unsigned long flags)
{
    int file = (int)call(__NR_open, "/proc/self/exe", O_RDONLY);
    char text[16];
    long now;

    call(__NR_dup2, file, 80);
    wait_for(
        start_task(flags | SIGCHLD, move_and_close, (void *)(intptr_t)file));
    now = offset(file);
    say("%s: its handle %s, offset at a copy %ld, the new one %s", what,
        now < 0 ? result_text(now, text) : "open", offset(80),
        call(__NR_close, 90) == 0 ? "open" : "not open");
    call(__NR_close, file);
}

static int run_self(void *argument)
{
    char *argv[] = {"self", "look", NULL};

    (void)argument;
    return (int)call(__NR_execve, "/proc/self/exe", argv, NULL);
}

/* After execve: 80 is open with its offset, 81 was marked, 82 not. */
static int look(void)
{
    expect("after execve: 80", offset(80), 55);
    expect("  81, O_CLOEXEC", offset(81), -EBADF);
    expect("  82, FD_CLOEXEC taken back", offset(82), 55);
    expect("  83, F_DUPFD_CLOEXEC", offset(83), -EBADF);
    return 3;
}

static void over_exec(const char *what, unsigned long flags)
{
    int file = (int)call(__NR_open, "/proc/self/exe", O_RDONLY);

    call(__NR_lseek, file, 55, SEEK_SET);
    call(__NR_dup2, file, 80);
    call(__NR_dup3, file, 81, O_CLOEXEC);
    call(__NR_dup3, file, 82, O_CLOEXEC);
    call(__NR_fcntl64, 82, F_SETFD, 0);
    call(__NR_fcntl64, file, F_DUPFD_CLOEXEC, 83);
    say_status(what, wait_for(start_task(flags | SIGCHLD, run_self, NULL)));
    expect("  here 81 is open", offset(81), 55);
    call(__NR_close, file);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "look") == 0)
        return look();
    try("fork", 0);
    try("clone FILES", CLONE_FILES);
    try("clone VM", CLONE_VM);
    try("clone VM FILES", CLONE_VM | CLONE_FILES);
    over_exec("fork", 0);
    over_exec("clone FILES", CLONE_FILES);
    return 0;
}
