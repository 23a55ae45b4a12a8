/* SPDX-License-Identifier: MIT */
/*
 * execve that fails leaves the caller as it was: ENOENT, EFAULT, E2BIG,
 * EACCES; and what was set up before is still there.
 */
#include "oracle.h"

static char *no_argv[] = {"self", "ran", NULL};
static char *bad_argv[] = {"self", BAD, NULL};

/* A string of 32 pages and one byte is too long. */
static void too_big(void)
{
    size_t size = 33 * 4096;
    char *text = malloc(size), *many[400];
    char *argv[] = {"self", text, NULL};

    memset(text, 'a', size);
    text[size - 1] = 0;
    expect("one argument of 33 pages",
           call(__NR_execve, "/proc/self/exe", argv, NULL), -E2BIG);
    text[size - 1 - 4096] = 0;
    for (size_t i = 0; i < COUNT(many) - 1; i++)
        many[i] = text;
    many[COUNT(many) - 1] = NULL;
    expect("400 arguments of 32 pages",
           call(__NR_execve, "/proc/self/exe", many, NULL), -E2BIG);
    expect("the same as environment",
           call(__NR_execve, "/proc/self/exe", no_argv, many), -E2BIG);
}

int main(int argc, char **argv)
{
    char path[5000];
    stack_t stack = {.ss_sp = path, .ss_size = sizeof(path)}, old;

    if (argc > 1)
        return strcmp(argv[1], "ran") == 0 ? 50 : 51;
    sigaltstack(&stack, NULL);
    expect("no such file", call(__NR_execve, "/no/such", no_argv, NULL),
           -ENOENT);
    expect("empty path", call(__NR_execve, "", no_argv, NULL), -ENOENT);
    expect("path NULL", call(__NR_execve, NULL, no_argv, NULL), -EFAULT);
    expect("path bad", call(__NR_execve, BAD, no_argv, NULL), -EFAULT);
    expect("argv bad", call(__NR_execve, "/proc/self/exe", BAD, NULL), -EFAULT);
    expect("envp bad", call(__NR_execve, "/proc/self/exe", no_argv, BAD),
           -EFAULT);
    expect("an argument bad",
           call(__NR_execve, "/proc/self/exe", bad_argv, NULL), -EFAULT);
    expect("argv in the kernel",
           call(__NR_execve, "/proc/self/exe", 0xfffff000u, NULL), -EFAULT);
    expect("a folder", call(__NR_execve, "/", no_argv, NULL), -EACCES);
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = 0;
    expect("path of 5,000 bytes", call(__NR_execve, path, no_argv, NULL),
           -ENAMETOOLONG);
    too_big();
    sigaltstack(NULL, &old);
    check("the alternate stack is still there", old.ss_sp == path);
    expect("and now", call(__NR_execve, "/proc/self/exe", no_argv, NULL), 0);
    return 1;
}
