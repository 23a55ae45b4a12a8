/* SPDX-License-Identifier: MIT */
/*
 * Task 1 ends while a child of it starts programs without pause: none of them
 * escapes, so the kernel gets every frame back, which the suite compares.
 *
 * run: cpus=2,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/program.h"
#include "user/lib/start.h"

int main(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] == 's')
        for (;;)
            program_start_self("k", NULL);
    if (argc > 1) {
        clock_sleep(1000 * (uint64_t)NANOSECONDS);
        return 0;
    }
    CHECK(program_start_self("s", NULL) > 0);
    clock_sleep(100 * MILLISECONDS);
    return check_result();
}
