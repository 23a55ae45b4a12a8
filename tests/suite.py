# SPDX-License-Identifier: MIT
"""The suite: every test that boots a guest, from these tables

    suite_machines   CPUs, memory, firmware tables, emulators: does it boot
    suite_input      bad input: a clear error, and the kernel goes on
    suite_runner     tools/guest and what it promises, with the real kernel
    suite_shell      a person at the terminal, replays, debuggers
    suite_alarms     panics and hangs, asked for
    suite_compare    demonstrations that compare policies
    suite_linux      ordinary static Linux programs, compared with Linux
    suite_placements many of them under each of pt=, kmap= and kstack=
    discover         the in-guest tests of user/tests
"""
import discover
import suite_alarms
import suite_compare
import suite_input
import suite_linux
import suite_machines
import suite_placements
import suite_runner
import suite_shell
from harness import Test, guest

# The one boot that everything else depends on.
BOOT = guest("status", "7", bare=True, cpus=1, status=7)
GATE = Test("boot gate", BOOT, "quick")


def tests(group=0):
    """All guest tests; names are unique. `group`: see suite_placements."""
    found = suite_machines.tests() + suite_input.tests()
    found += suite_alarms.tests() + suite_runner.tests()
    found += suite_shell.tests() + suite_linux.tests() + discover.tests()
    found += suite_placements.tests(group) + suite_compare.tests()
    names = [test.name for test in found]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, "two tests of one name: %s" % sorted(twice)
    return found
