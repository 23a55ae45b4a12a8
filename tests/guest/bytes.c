/* SPDX-License-Identifier: MIT */
/*
 * Writes every byte value, 256 times over: the console must add, drop and
 * change nothing, newlines and control characters included.
 */
#include "bare.h"

int program(int argc, char **argv, char **envp)
{
    static char block[256];
    (void)argc, (void)argv, (void)envp;
    for (int i = 0; i < 256; i++)
        block[i] = (char)i;
    for (int i = 0; i < 256; i++)
        if (call3(CALL_WRITE, 1, (int)block, 256) != 256)
            return 1;
    return 0;
}
