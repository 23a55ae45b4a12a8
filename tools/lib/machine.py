# SPDX-License-Identifier: MIT
"""What is booted, on what machine, and the files that the guest is given.

All that the emulator reads lies in one folder per run under fixed names, and
the emulator is started there. So no path of the host can hurt the command
line (QEMU splits it at commas and spaces), and the guest sees the same words,
hence executes the same instructions, wherever the tree lies.
"""
import os

import newc

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
UNITS = {"M": 1, "G": 1024, "T": 1024 * 1024}
GUEST = "guest:"  # prefix of a program that is in the initrd already


class SetupError(Exception):
    """Something the user asked for cannot be: said in one line."""


def mebibytes(text):
    """'64', '64M' and '6G' as MiB, as QEMU's -m reads them."""
    digits, unit = text, "M"
    if text and text[-1].upper() in UNITS:
        digits, unit = text[:-1], text[-1].upper()
    if not digits.isdigit() or int(digits) == 0:
        raise SetupError("memory: %r is not like 64M or 6G" % text)
    return int(digits) * UNITS[unit]


class Machine:
    """The computer and the kernel on it. All fields may be changed."""

    def __init__(self, **fields):
        self.cpus = 4
        self.memory = "256M"
        self.options = ""  # boot options, added last
        self.emulator = "qemu"  # or "bochs"
        self.build = "release"  # or "debug"
        self.kernel = None  # an ELF file other than the build's
        self.initrd = None  # a cpio file other than the build's; "none"
        self.iso = False  # through GRUB instead of QEMU's -kernel
        self.icount = False  # time is counted in instructions
        self.seed = 1
        self.accel = "tcg"
        self.arguments = []  # more words for the emulator
        self.gdb_port = 0
        for name, value in fields.items():
            if name not in self.__dict__:
                raise TypeError("a machine has no %r" % name)
            setattr(self, name, value)

    def product(self, name):
        """A file that make builds, of the chosen build."""
        folder = "build/debug" if self.build == "debug" else "build"
        return os.path.join(TREE, folder, name)

    def kernel_path(self):
        return os.path.abspath(self.kernel or self.product("quartet.elf"))

    def initrd_path(self):
        """The initrd on the host, None for a machine without."""
        if self.initrd == "none":
            return None
        return os.path.abspath(self.initrd or self.product("initrd.cpio"))

    def describe(self):
        """For the result file: enough to run the same again."""
        names = ("cpus", "memory", "options", "emulator", "build", "iso")
        names += ("icount", "seed", "accel", "arguments")
        return {name: getattr(self, name) for name in names}


class Program:
    """The first program with its arguments, environment and files."""

    def __init__(self, path=None, arguments=(), environment=(), files=()):
        self.path = path  # None: what the kernel starts by itself
        self.arguments = list(arguments)
        self.environment = list(environment)  # NAME=value
        self.files = list(files)  # host paths

    def in_guest(self):
        """The path that the kernel is told to start."""
        if self.path.startswith(GUEST):
            return self.path[len(GUEST) :]
        return "/guest/program"

    def archive(self):
        """The module that carries all this into the guest."""
        if self.path is None and not self.files:
            return None
        files = [(os.path.basename(f), 0o755, read(f)) for f in self.files]
        names = [name for name, _, _ in files]
        for name in names:
            if names.count(name) > 1:
                raise SetupError("two files called %s" % name)
        if self.path is not None:
            words = [os.path.basename(self.path)] + self.arguments
            files.append(("guest/args", 0o644, strings(words)))
            files.append(("guest/env", 0o644, strings(self.environment)))
            if not self.path.startswith(GUEST):
                files.append(("guest/program", 0o755, read(self.path)))
        return newc.archive(files)


def strings(words):
    """Words as the kernel reads them: each ended by a zero byte."""
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise SetupError("%s: %s" % (path, error.strerror)) from None


def boot_options(machine, program, raw=True, stdin=False, strace=False):
    """The kernel's command line, as a list of words."""
    words = ["console=2", "log=1", "result=3", "vga=off"]
    words += ["raw"] if raw else []
    words += [] if stdin else ["stdin=none"]
    if program.path is not None:
        words += ["init=" + program.in_guest()]
        words += ["args=/guest/args", "env=/guest/env"]
    words += ["strace"] if strace else []
    return words + machine.options.split()


def stage(folder, machine, program):
    """Fill `folder` with what the emulator reads; the modules' names."""
    modules = []

    def link(source, name):
        if not os.path.exists(source):
            raise SetupError("%s is missing: run make first" % source)
        os.symlink(source, os.path.join(folder, name))

    link(machine.kernel_path(), "kernel")
    if machine.initrd_path():
        link(machine.initrd_path(), "initrd")
        modules.append("initrd")
    extra = program.archive()
    if extra is not None:
        with open(os.path.join(folder, "extra"), "wb") as file:
            file.write(extra)
        modules.append("extra")
    return modules
