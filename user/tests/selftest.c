/* SPDX-License-Identifier: MIT */
/*
 * All in-kernel self-tests, or those named. Ends well only if all passed and at
 * least one ran.
 *
 * run: cpus=1 mem=32M build=debug
 * run: cpus=4 mem=512M build=debug
 * run: cpus=4 mem=512M options="lowmem=32M" build=release
 * run: cpus=4 mem=128M options="lowmem=32M swap=16M" build=debug
 * run: cpus=4 mem=6G options="lowmem=32M" args="self_map_same self_map_moves self_map_alias self_map_broken slots_wrap slots_skip slots_storm ukva_storm ukva_fails"
 * run: cpus=2 mem=64M options="lowmem=16M" build=debug emulator=bochs args="self_map_same self_map_moves self_map_alias slots_wrap slots_skip ukva_reused ukva_fails"
 * run: cpus=2 mem=64M options="swap=16M" build=debug emulator=bochs args="swap_one swap_changes swap_fork swap_left swap_object swap_fault swap_unmap swap_both"
 */
#include "user/lib/selftests.h"
#include "user/lib/start.h"

int main(int argc, char **argv)
{
    return selftests_run(argc - 1, argv + 1) ? 0 : 1;
}
