# SPDX-License-Identifier: MIT
"""tools/debug and tools/bochs, driven as a person drives them: stop at a named
function, ask, go on. Key lines of what they print are compared."""
import os
import re
import shutil
import subprocess
import unittest

from harness import TREE

SECONDS = 120


def run(tool, *words):
    """(exit status, all that was printed)."""
    done = subprocess.run(
        [os.path.join(TREE, "tools", tool), *words], timeout=SECONDS,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout.decode(errors="replace")


def build(name):
    return os.path.join(TREE, "build", *([name] if name != "release" else []))


class DebuggerTest(unittest.TestCase):
    tier = "normal"

    def expect(self, text, *patterns):
        for pattern in patterns:
            if not re.search(pattern, text, re.M):
                self.fail("no %r in:\n%s" % (pattern, text))

    def expect_none(self, text, *patterns):
        for pattern in patterns:
            if re.search(pattern, text, re.M):
                self.fail("%r in:\n%s" % (pattern, text))


@unittest.skipUnless(
    shutil.which("gdb") and shutil.which("qemu-system-i386"),
    "gdb or QEMU is not installed",
)
class GdbTest(DebuggerTest):
    def ask(self, name, *commands):
        words = ["--quiet", "--batch", "--icount"]
        for command in commands:
            words += ["--ex", command]
        status, text = run("debug", *words, build(name))
        self.expect_none(text, r"Python Exception|Traceback|^Error")
        self.assertEqual(status, 0, text)
        return text

    def at_a_call(self, name):
        """Everything, when the shell waits for a line for the first time."""
        text = self.ask(
            name, "break sys_read", "continue", "tasks", "cpus", "mms",
            "areas", "walk 0xc0100000", "walk 0xbffff000", "frames",
            "frames -v 0xbffff000", "slabs", "counters -z sys", "locks", "log",
            "backtraces", "task 2",
        )
        self.expect(
            text,
            r"hit Breakpoint \d+, sys_read",
            r"^ *1 +1 +2 +1 +\d +ready +shell +running",
            r"^ *2 +2 +- +- +\d +blocked +kernel +task_wait\S* +children",
            r"^ *\d +\d +yes +1 shell +1 +\d+ +kernel +on +sys_read",
            r"^ *3 +3 +yes .*idle",
            r"^ *1 +1 +[0-9a-f]{8} +\S+ +5 ",
            r"^ +2 +bffdf000-bfffffff +rw-- +33 +\d",
            r"^address +c0100000 +direct map of low memory",
            r"^root +[0-9a-f]{8} +MM 1$",
            r"^PDPT\[3\] .* P A$",
            r"^PT\[256\] .* P A G$",
            r"^physical +000100000 ",
            r"^allows +kernel only: read, execute$",
            r"^frame +0x100, reserved",
            r"^allows +user and kernel: read, write$",
            r"^frame \S+ used, zone \w+, references 1, .*quarter 2 of MM 1",
            r"^low +\d+ +\d+ ",
            r"^high untouched [0-9a-f]{9}-",
            r"^CPU 3 caches ",
            r"^tasks +\d+ +\d+ +\d+ +\d+ +6 ",
            r"^syscalls +\d+ ",
            r"4 of 4 CPUs started$",
            r"^CPU \d: task 1 \(shell\)$",
            r"sys_read \(arg=",
            r"main_thread\+\d+ \(kernel/main.c:\d+\)",
        )
        return text

    def test_debug_build(self):
        text = self.at_a_call("debug")
        self.expect(text, r"^CPU 0 holds nothing$")

    def test_release_build(self):
        self.at_a_call("release")

    def test_locks_while_held(self):
        text = self.ask("debug", "break zone_take", "continue", "locks")
        self.expect(
            text,
            r"^CPU 0 holds .*(low|high) frames$",
            r"^taken: (low|high) frames at c0[0-9a-f]{6}$",
        )

    def test_early(self):
        """The commands bear a kernel that has hardly begun."""
        commands = ("tasks", "cpus", "mms", "frames", "slabs", "locks", "log")
        text = self.ask("debug", *commands, "walk 0xf1000000")
        self.expect(text, r"^root .* the kernel's own$", r"^not mapped$")

    def test_typing(self):
        text = self.ask(
            "release", "break console_read", "continue", "type exit",
            "delete", "break power_off", "continue", "console",
        )
        self.expect(text, r"hit Breakpoint \d+, power_off", r"^quartet\$ exit$")


@unittest.skipUnless(shutil.which("bochs"), "bochs is not installed")
class BochsTest(DebuggerTest):
    def test_script(self):
        status, text = run(
            "bochs", "--headless", "-m", "64M", "--break", "sys_exit_group",
            build("debug"), "guest:/bin/echo", "still", "alive",
        )
        self.assertEqual(status, 0, text)
        self.expect(
            text,
            r"^\(\d\) Breakpoint 1, ",
            r"\(sys_exit_group\+0\)",
            r"^CPU0:$",
            r"^CPU1:$",
            r"^CR0=0x\w+: PG .* WP .* PE$",
            r"^CR4=.* SMAP .* PAE ",
            r"^EFER=.* NXE ",
            r"^ PTE: 0x0000000000100521 +G .* S R P$",
            r"maps to physical page 0x000000100000$",
            r"^0c0000000-\w+ -> 000000000-",
            r"^\.\.\. \d+ more \.\.\.$",
            r"^still alive\r?$",
            r"ended with status 0, frames lost: 0",
        )

    def test_unknown_function(self):
        status, text = run(
            "bochs", "--headless", "--break", "no_such_thing", build("debug")
        )
        self.assertEqual(status, 125, text)
        self.expect(text, r"no function no_such_thing")
