/* SPDX-License-Identifier: MIT */
/*
 * Arguments and environment: as given at the start (the environment is empty),
 * as changed by setenv() and friends, and as passed on to the program itself,
 * started anew by execve().
 *
 * run: args="one '' 'with a blank' a=b"
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"

extern char **environ;

static int variables(void)
{
    int n = 0;

    while (environ && environ[n])
        n++;
    return n;
}

static int second_life(int argc, char **argv)
{
    printf("again with %d arguments, %d variables\n", argc, variables());
    for (int i = 1; i < argc; i++)
        printf("  [%s]\n", argv[i]);
    for (int i = 0; i < variables(); i++)
        printf("  {%s}\n", environ[i]);
    printf("  PLACE is %s\n", getenv("PLACE"));
    return 5;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--again") == 0)
        return second_life(argc, argv);
    for (int i = 1; i < argc; i++)
        printf("argument %d [%s]\n", i, argv[i]);
    CHECK(argv[argc] == NULL, "the vector is ended");
    CHECK(variables() == 0, "no variables at first");
    CHECK(getenv("HOME") == NULL, "none called HOME");
    CHECK(setenv("A", "1", 1) == 0 && !strcmp(getenv("A"), "1"), "set");
    CHECK(setenv("A", "2", 0) == 0 && !strcmp(getenv("A"), "1"), "kept");
    CHECK(setenv("A", "3", 1) == 0 && !strcmp(getenv("A"), "3"), "replaced");
    CHECK(setenv("B=C", "x", 1) == -1, "a name has no =");
    static char own[] = "PUT=in place";
    CHECK(putenv(own) == 0 && getenv("PUT") == own + 4, "put");
    CHECK(unsetenv("A") == 0 && !getenv("A"), "removed");
    CHECK(variables() == 1, "one is left");
    fflush(stdout);

    pid_t child = fork();
    if (child == 0) {
        char *words[] = {"self", "--again", "", "x y", NULL};
        char *names[] = {"PLACE=child", "EMPTY=", NULL};
        execve("/proc/self/exe", words, names);
        _exit(127);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child, "the child is waited for");
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5, "it ended with 5");
    return check_sum();
}
