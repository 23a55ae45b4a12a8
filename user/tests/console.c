/* SPDX-License-Identifier: MIT */
/*
 * Writing to the console: nothing, one byte, much at once, both outputs; and
 * files that are not open.
 *
 * run: cpus=1 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

static char large[20000];

int main(int argc, char **argv)
{
    static const int closed[] = {3, 4, 1000, -1, 0x7fffffff};
    char byte;

    (void)argc, (void)argv;
    CHECK_EQUAL(sys_write(STANDARD_OUTPUT, "x", 0), 0);
    CHECK_EQUAL(sys_write(STANDARD_OUTPUT, "x", 1), 1);
    CHECK_EQUAL(sys_write(STANDARD_ERROR, "y\n", 2), 2);
    for (uint32_t i = 0; i < sizeof(large); i++)
        large[i] = i % 80 == 79 ? '\n' : (char)('a' + i / 80 % 26);
    CHECK_EQUAL(write_all(STANDARD_OUTPUT, large, sizeof(large)), 0);
    for (uint32_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
        CHECK_EQUAL(sys_write(closed[i], "z", 1), -EBADF);
        CHECK_EQUAL(sys_read(closed[i], &byte, 1), -EBADF);
    }
    CHECK_EQUAL(sys_read(STANDARD_INPUT, &byte, 0), 0);
    return check_result();
}
