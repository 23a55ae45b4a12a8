# SPDX-License-Identifier: MIT
"""A person with a debugger: one terminal for the debugger and the guest.

The debugger runs in the foreground and owns the terminal. What the guest
prints appears there as it comes (which is only while the debugger lets it
run) and is kept in the session's file `console`; what is written into its
named pipe `keys`, from anywhere, is typed on the guest's console. The session
is a folder that goes away with the debugger.
"""
import argparse
import os
import select
import shutil
import signal
import sys
import tempfile
import threading

from machine import Machine, Program, SetupError

FOLDER = "QUARTET_SESSION"  # tells the debugger's commands where it is


class Session:
    """With-block: the folder, and the thread that moves the bytes."""

    def __init__(self, prefix, show=True):
        self.folder = tempfile.mkdtemp(prefix=prefix)
        self._show = show
        self._console = open(self.path("console"), "wb", buffering=0)
        os.mkfifo(self.path("keys"))
        # Read and write: without a writer of its own it would be at its end.
        self._keys = os.open(self.path("keys"), os.O_RDWR | os.O_NONBLOCK)
        self._wake = os.pipe()
        self._sources, self._sink, self._thread = [], -1, None

    def path(self, name):
        return os.path.join(self.folder, name)

    def attach(self, sources, sink):
        """Descriptors to read from, and the one that takes what is typed."""
        self._sources, self._sink = list(sources), sink
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()

    def _pump(self):
        while True:
            wanted = self._sources + [self._keys, self._wake[0]]
            ready = select.select(wanted, [], [])[0]
            if ready == [self._wake[0]]:
                return
            for source in ready:
                if source != self._wake[0]:
                    self._move(source)

    def _move(self, source):
        try:
            data = os.read(source, 65536)
        except BlockingIOError:
            return
        except OSError:  # the other side is closed
            data = b""
        if source == self._keys:
            self._type(data)
        elif data:
            self._console.write(data)
            if self._show:
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
        else:
            self._sources.remove(source)

    def _type(self, data):
        try:
            while data and self._sink >= 0:
                data = data[os.write(self._sink, data) :]
        except OSError:
            pass  # the guest is gone, or does not read

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self._thread:
            os.write(self._wake[1], b".")
            self._thread.join(2)
        self._console.close()
        for descriptor in (self._keys,) + self._wake:
            os.close(descriptor)
        shutil.rmtree(self.folder, ignore_errors=True)


class Keys:
    """With-block in which Ctrl-C is the debugger's: it stops the guest, not us,
    and not the make that started us either. Being told to end cleans up."""

    def __enter__(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda n, _frame: sys.exit(128 + n))
        self._before = 0
        if os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp() != os.getpid():
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            self._before = os.getpgrp()
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpgrp())

    def __exit__(self, *unused):
        if self._before:
            os.tcsetpgrp(0, self._before)


def give_keys_back():
    """In the debugger's process, before it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)


def add_arguments(parser, cpus):
    """What tools/debug and tools/bochs have in common."""
    add = parser.add_argument
    add("-c", metavar="CPUS", type=int, default=cpus,
        help="how many CPUs (%d)" % cpus)
    add("-m", metavar="MEM", default="256M", help="memory (256M)")
    add("-a", metavar="OPTIONS", action="append", default=[],
        help="more boot options of the kernel")
    add("-q", "--quiet", action="store_true",
        help="keep the guest's console off this terminal")
    add("words", metavar="...", nargs=argparse.REMAINDER,
        help="[FOLDER] [PROGRAM [ARGS]]: the build (build/debug); a static "
        "i386 ELF file of the host, or guest:/PATH, in place of the shell")


def chosen(arguments):
    """(machine, program, build folder) of the command line."""
    from machine import TREE

    words = list(arguments.words)
    folder = os.path.join(TREE, "build", "debug")
    if words and os.path.isdir(words[0]):
        folder = os.path.abspath(words.pop(0))
    if words and words[0].startswith("-"):
        raise SetupError("%s: options come before FOLDER" % words[0])
    for name in ("quartet.elf", "initrd.cpio"):
        if not os.path.exists(os.path.join(folder, name)):
            raise SetupError("%s/%s is missing: run make first" % (folder, name))
    machine = Machine(
        cpus=arguments.c, memory=arguments.m, options=" ".join(arguments.a),
        kernel=os.path.join(folder, "quartet.elf"),
        initrd=os.path.join(folder, "initrd.cpio"),
    )
    program = Program(words[0] if words else None, words[1:])
    return machine, program, folder


def guest_options(machine, program, log_line):
    """Boot options of a machine that a person sits at, as make run has them:
    with little low memory, so that there is high memory to be seen."""
    words = ["lowmem=64M"]
    words += ["log=%d" % log_line] if log_line else []
    if program.path is not None:
        words += ["init=" + program.in_guest()]
        words += ["args=/guest/args", "env=/guest/env"]
    return words + machine.options.split()
