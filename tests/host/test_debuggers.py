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
    def ask(self, name, *commands, options=""):
        words = ["--quiet", "--batch", "--icount", "-a", options]
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
            r"^ *1 +1 +2 +[0-9a-f]{8} +\S+ +5 +\d+ +\d+ +0 +2$",
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

    # To where `sleep` sleeps and the shell waits for it: CPU 0, idle, has the MM
    # of `sleep` still loaded.
    ASLEEP = (
        "break sys_read", "continue", "delete", "type /tests/sleep",
        "tbreak cpu_wait_for_interrupt if tasks->tid == 3 && tasks->state == 1",
        "continue",
    )

    def two_stacks_at_one_address(self, name):
        text = self.ask(
            name, *self.ASLEEP, "tasks", "echo of 1\n", "task 1",
            "echo of 3\n", "task 3", "echo end\n",
        )
        self.expect(
            text,
            r"^ *1 +1 +2 +1 +1 +blocked +shell +task_wait\S* +children",
            r"^ *3 +3 +1 +2 +0 +blocked +sleep +\w*sleep\S*",
        )
        first, second = re.search(
            "(?s)^of 1\n(.*)^of 3\n(.*)^end\n", text, re.M).groups()
        for found, number in ((first, 1), (second, 3)):
            self.expect(
                found, "^task %d " % number, r"^stack ff6fd000-ff6fefff, ",
                r"^  c0\w{6}  trap_syscall_entry\+\d+ \(arch/i386/entry.asm:",
            )
        self.expect(first, r"^  c0\w{6}  sys_wait4\+")
        self.expect(second, r"^  c0\w{6}  sys_nanosleep\+")
        self.expect_none(first, "nanosleep")
        self.expect_none(second, "wait4")

    def test_stacks_debug(self):
        self.two_stacks_at_one_address("debug")

    def test_stacks_release(self):
        self.two_stacks_at_one_address("release")

    def test_ukva(self):
        """The region of an MM that the CPU has not loaded, and the self map."""
        text = self.ask(
            "debug", *self.ASLEEP, "ukva 1", "echo other\n", "ukva 2",
            "walk 0xff6fc000 1", "walk 0xff6fd000 1", "walk 0xff6fd000 2",
            "walk 0xff840240 1", "walk 0xffffd000 2", "walk 0xfffffff8",
        )
        self.expect(
            text,
            r"^MM 1, 2 pages mapped",
            r"^ff6fd000-ff6fefff +2 +2 +stack of task 1 \(shell\)$",
            r"^ff6fd000-ff6fefff +2 +2 +stack of task 3 \(sleep\)$",
            r"^ff700000-ff7fffff +256 +\d+ +slots .*: 0 held, \d+ stale, 0 ",
            r"^ff600000-ff7fffff +- +- +page table at \w{9}, \d+ entries",
            r"^ffe00000-ffffffff +- +- +self map: tables of quarter 3, ",
            r"^no guard page is mapped$",
            r"^shows +guard page of the stack of task 1 \(shell\)$",
            r"^shows +PT entry of 08048000$",
            r"^shows +PD entry of 40000000$",
            r"^shows +PD entry of ffe00000, of the self map itself$",
            r"^PT\[511\] .* P RW A( D)? NX$",
        )
        stacks = re.findall(r"^shows +stack of .*\n(?:.*\n){4}physical +(\w+)",
                            text, re.M)
        self.assertEqual(len(set(stacks)), 2, text)

    def test_global_stacks(self):
        """With nothing of it in the region the commands say so."""
        text = self.ask(
            "release", "break sys_read", "continue", "tasks", "ukva", "mms",
            options="pt=lowmem kmap=atomic kstack=lowmem",
        )
        self.expect(
            text,
            r"^ *2 +2 +- +- +\d +blocked +kernel +task_wait\S* +children",
            r"^MM 1, 0 pages mapped",
            r"^range +pages +mapped +what\nff800000-ff9fffff ",
            r"^ *1 +1 +2 +[0-9a-f]{8} +\S+ +5 +\d+ +(\d+) +\1 +0$",
        )

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
