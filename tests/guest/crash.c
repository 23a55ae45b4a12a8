/* SPDX-License-Identifier: MIT */
/*
 * Dies in the way that its argument names: null, divide, or spin, which does
 * not die at all and has to be stopped by the runner.
 */
#include "bare.h"

int program(int argc, char **argv, char **envp)
{
    char how = argc > 1 ? argv[1][0] : 'n';
    (void)envp;
    if (how == 'd')
        __asm__ volatile("div %0" ::"r"(0), "a"(1), "d"(0));
    print("going\n");
    while (how == 's')
        ;
    *(volatile int *)0 = 1;
    return 0;
}
