/* SPDX-License-Identifier: MIT */
/*
 * Ends with the status that its first argument names: the smallest program
 * there is, hence also the gate that the suite boots before all else.
 */
#include "bare.h"

int program(int argc, char **argv, char **envp)
{
    int status = 0;
    (void)envp;
    for (const char *c = argc > 1 ? argv[1] : ""; *c; c++)
        status = 10 * status + *c - '0';
    return status;
}
