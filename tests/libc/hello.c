/* SPDX-License-Identifier: MIT */
/*
 * The first program of every course: start-up, standard output, an exit
 * status that is not 0.
 *
 * run: tier=quick expect=42
 */
#include <stdio.h>

int main(int argc, char **argv)
{
    printf("hello from %s, %d argument\n", argv[0], argc);
    return 42;
}
