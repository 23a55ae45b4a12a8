/* SPDX-License-Identifier: MIT */
/* Print the arguments with a blank between them. */
#include "user/lib/print.h"
#include "user/lib/start.h"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("%s%s", i > 1 ? " " : "", argv[i]);
    printf("\n");
    return 0;
}
