/* SPDX-License-Identifier: MIT */
/*
 * All in-kernel self-tests, or those named. Ends well only if all passed and at
 * least one ran.
 *
 * run: cpus=1 mem=32M build=debug
 * run: cpus=4 mem=512M build=debug
 * run: cpus=4 mem=512M options="lowmem=32M" build=release
 * run: cpus=4 mem=128M options="lowmem=32M swap=16M" build=debug
 * run: cpus=4 mem=6G options="lowmem=32M" args="self_map slots ukva"
 * run: cpus=2 mem=64M options="lowmem=16M" emulator=bochs args="self_map"
 * run: cpus=2 mem=64M options="lowmem=16M" emulator=bochs args="slots ukva"
 * run: cpus=2 mem=64M options="swap=16M" emulator=bochs args="swap_f"
 */
#include "user/lib/selftests.h"
#include "user/lib/start.h"

int main(int argc, char **argv)
{
    return selftests_run(argc - 1, argv + 1) ? 0 : 1;
}
