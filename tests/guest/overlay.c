/* SPDX-License-Identifier: MIT */
/*
 * Linked by the suite at 0xc0100000, over the kernel: it must never start, and
 * the kernel must still be whole afterwards.
 */
#include "bare.h"

int program(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    print("started over the kernel\n");
    return 0;
}
