/* SPDX-License-Identifier: MIT */
/*
 * Runs programs one after the other, so that one boot serves a list of tests.
 * Its arguments are command lines, each but the last ended by `--`. What a
 * program prints stands between two lines of this one, which begin with bytes
 * that no test prints: \1 and the program's path, \2 and its wait status.
 * Children whose maker is gone become this program's, and are waited for.
 */
#include "bare.h"

#define CALL_FORK    2
#define CALL_EXECVE  11
#define CALL_WAITPID 7

static void print_number(unsigned number)
{
    char text[12];
    int at = sizeof(text) - 1;
    text[at] = 0;
    do
        text[--at] = (char)('0' + number % 10);
    while (number /= 10);
    print(text + at);
}

static int is_end(const char *word)
{
    return word[0] == '-' && word[1] == '-' && !word[2];
}

static void run(char **words, char **envp)
{
    int status = -1, child;
    print("\1");
    print(words[0]);
    print("\n");
    child = call3(CALL_FORK, 0, 0, 0);
    if (!child) {
        int error = call3(CALL_EXECVE, (int)words[0], (int)words, (int)envp);
        print("execve: ");
        print_number(-(unsigned)error);
        call3(CALL_EXIT, 126, 0, 0);
    }
    if (child < 0) {
        print("fork: ");
        print_number(-(unsigned)child);
    }
    while (child > 0 && call3(CALL_WAITPID, -1, (int)&status, 0) != child)
        ;
    print("\2");
    print_number((unsigned)status);
    print("\n");
}

int program(int argc, char **argv, char **envp)
{
    char **words = argv + 1;
    for (int i = 1; i <= argc; i++) {
        if (i < argc && !is_end(argv[i]))
            continue;
        argv[i] = 0;
        if (words[0])
            run(words, envp);
        words = argv + i + 1;
    }
    return 0;
}
