# SPDX-License-Identifier: MIT
"""Command lines and modules: nothing of the host gets into them."""
import os
import tempfile
import unittest

import discover
import qemu
from machine import Machine, Program, SetupError, boot_options, mebibytes, stage


class MachineTest(unittest.TestCase):
    def test_memory(self):
        self.assertEqual(mebibytes("64"), 64)
        self.assertEqual(mebibytes("64M"), 64)
        self.assertEqual(mebibytes("6g"), 6144)
        for wrong in ("", "M", "0", "-1", "6K", "1.5G", "x"):
            with self.assertRaises(SetupError):
                mebibytes(wrong)

    def test_wide_machine(self):
        words = qemu.command(Machine(memory="64G"), [], [])
        self.assertEqual(words[0], "qemu-system-x86_64")
        self.assertTrue(any("memory-backend-memfd" in w for w in words))
        words = qemu.command(Machine(memory="6G"), [], [])
        self.assertEqual(words[0], "qemu-system-x86_64")
        words = qemu.command(Machine(memory="3G"), [], [])
        self.assertEqual(words[0], "qemu-system-i386")

    def test_replay_fixes_clock_and_seed(self):
        words = " ".join(qemu.command(Machine(icount=True, seed=7), [], []))
        for part in ("-icount shift=0,sleep=off", "-seed 7", "clock=vm"):
            self.assertIn(part, words)

    def test_options_are_last(self):
        machine = Machine(options="lowmem=16 vga=on")
        words = boot_options(machine, Program("guest:/bin/x", ["a b"]))
        self.assertEqual(words[-2:], ["lowmem=16", "vga=on"])
        self.assertIn("init=/bin/x", words)
        self.assertIn("stdin=none", words)
        self.assertFalse(any(" " in word for word in words))

    def test_awkward_paths(self):
        with tempfile.TemporaryDirectory(prefix="a, b=c ") as folder:
            names = [os.path.join(folder, n) for n in ("k", "i", "my prog")]
            for name in names:
                with open(name, "wb") as file:
                    file.write(b"x")
            machine = Machine(kernel=names[0], initrd=names[1])
            target = os.path.join(folder, "t")
            os.mkdir(target)
            modules = stage(target, machine, Program(names[2], ["q"]))
            self.assertEqual(modules, ["initrd", "extra"])
            options = boot_options(machine, Program())
            words = qemu.command(machine, options, modules)
            self.assertFalse(any(folder in word for word in words))

    def test_missing_files(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(SetupError):
                stage(folder, Machine(kernel="/no/such"), Program())
            with self.assertRaises(SetupError):
                Program("/no/such").archive()

    def test_two_files_of_one_name(self):
        with self.assertRaises(SetupError):
            Program(None, files=[__file__, __file__]).archive()


class RunLines(unittest.TestCase):
    def keys(self, text):
        return list(discover.configurations("/*\n" + text + " */\n"))

    def test_none(self):
        self.assertEqual(len(self.keys(" * words\n")), 1)

    def test_product(self):
        line = ' * run: cpus=1,4 mem=32M,6G options="a b" expect=3\n'
        found = self.keys(line)
        self.assertEqual(len(found), 4)
        self.assertEqual({k["cpus"] for k in found}, {"1", "4"})
        self.assertEqual(found[0]["options"], "a b")

    def test_only_in_the_opening_comment(self):
        source = "/* x */\nint x;\n/*\n * run: cpus=9\n */\n"
        self.assertEqual(list(discover.configurations(source))[0]["cpus"], "4")

    def test_unknown_key(self):
        with self.assertRaises(discover.BadLine):
            self.keys(" * run: cpu=1\n")
