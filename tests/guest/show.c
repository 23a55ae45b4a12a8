/* SPDX-License-Identifier: MIT */
/*
 * Prints its arguments and its environment, a line each, and ends with the
 * number of arguments: what the runner was given must arrive byte for byte.
 */
#include "bare.h"

static void print_vector(const char *title, char **vector)
{
    for (; *vector; vector++) {
        print(title);
        print(*vector);
        print("]\n");
    }
}

int program(int argc, char **argv, char **envp)
{
    print_vector("argument [", argv);
    print_vector("variable [", envp);
    return argc;
}
