# SPDX-License-Identifier: MIT
"""tools/guest with a false kernel that behaves as Quartet must, and must not:
every outcome, exit status and byte is known beforehand."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import compiler

TOOL = os.path.join(os.path.dirname(compiler.TESTS), "tools", "guest")


class Base(unittest.TestCase):
    emulator = ()

    def setUp(self):
        if not shutil.which("qemu-system-i386"):
            self.skipTest("qemu-system-i386 is not installed")
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def call(self, how, *words, **keys):
        """(exit status, stdout, log and messages, report)."""
        report = os.path.join(self.folder, "report")
        line = [sys.executable, TOOL, "--kernel", compiler.false_kernel()]
        line += ["--initrd", "none", "-c", "2", "-a", "false=" + how]
        line += ["--result", report] + list(self.emulator) + list(words)
        keys.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(line, capture_output=True, timeout=60, **keys)
        with open(report, encoding="utf-8") as file:
            return done.returncode, done.stdout, done.stderr, json.load(file)

    def outcome(self, how, expected, status, *words):
        found = self.call(how, *words)
        self.assertEqual(found[3]["outcome"], expected, found)
        self.assertEqual(found[0], status)
        return found


class Runner(Base):
    def test_exit(self):
        found = self.outcome("exit", "exited", 42)
        self.assertEqual(found[1], b"hello\n")
        self.assertEqual(found[3]["counters"], {"switches": 7})
        self.assertEqual(found[3]["frames_lost"], 3)

    def test_signal(self):
        self.outcome("signal", "signalled", 139)

    def test_panic(self):
        self.outcome("panic", "panic", 125)

    def test_no_program(self):
        self.outcome("no-program", "no-program", 126)

    def test_reset(self):
        self.outcome("reset", "reset", 125)

    def test_no_result(self):
        self.outcome("silent", "reset", 125)

    def test_cut_result(self):
        self.outcome("cut", "reset", 125)


class RunnerLimits(Base):
    def test_hang(self):
        found = self.outcome("hang", "hang", 125, "-t", "2")
        self.assertIn(b"interrupts off", found[2])

    def test_idle(self):
        found = self.outcome("idle", "timeout", 124, "-t", "2")
        self.assertIn(b"halted", found[2])

    def test_dead(self):
        self.outcome("dead", "boot-failed", 125, "-t", "2")

    def test_input(self):
        done = self.call("echo", "-i", stdin=None, input=b"abc\n\x01\xff")
        # The end is an escape and a mark; this kernel echoes up to the mark.
        self.assertEqual(done[1], b"hello\nabc\n\x01\xff\x10")

    def test_much_output(self):
        done = self.call("much")
        text = b"hello\n" + b"0123456789abcde\n" * 200000
        digests = [hashlib.md5(t).hexdigest() for t in (done[1], text)]
        self.assertEqual(len(done[1]), len(text))
        self.assertEqual(*digests)

    def test_reader_that_leaves(self):
        line = [sys.executable, TOOL, "--kernel", compiler.false_kernel()]
        line += ["--initrd", "none", "-a", "false=much"]
        with subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual(process.wait(20), 141)

    def test_through_grub(self):
        self.outcome("exit", "exited", 42, "--iso")

    def test_unknown_option(self):
        line = [sys.executable, TOOL, "--no-such-option"]
        done = subprocess.run(line, capture_output=True, timeout=20)
        self.assertEqual(done.returncode, 125)

    def test_help_names_every_option(self):
        line = [sys.executable, TOOL, "--help"]
        done = subprocess.run(line, capture_output=True, timeout=20, text=True)
        for name in "-c -m -a -t -e -i -E -f --icount --strace --gdb".split():
            self.assertIn(name, done.stdout)

    def test_dry_run(self):
        line = [sys.executable, TOOL, "--no-run", "--initrd", "none"]
        done = subprocess.run(line, capture_output=True, timeout=20, text=True)
        self.assertIn("-kernel ./kernel", done.stdout)


class RunnerBochs(Runner):
    emulator = ("-e", "bochs", "-m", "64M")
    tier = "normal"

    def setUp(self):
        super().setUp()
        if not shutil.which("bochs"):
            self.skipTest("bochs is not installed")
