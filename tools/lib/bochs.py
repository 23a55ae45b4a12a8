# SPDX-License-Identifier: MIT
"""Quartet under Bochs, which models what QEMU does not (docs, FACTS of PAE).

Bochs writes each serial line to a named pipe, so nothing has to be polled. A
console that takes input is a pseudo-terminal instead. Debian's Bochs always
has its debugger: it is told to go on, and a run that has reached its limit is
interrupted, asked where each CPU is, and told to quit.
"""
import os
import re
import signal
import subprocess
import time
import tty

from machine import TREE, SetupError, mebibytes

CPUS_MAX = 8
MIB_MAX = 2048
ROMS = {
    "QUARTET_BIOS": ("/usr/share/bochs/BIOS-bochs-latest",),
    "QUARTET_VGABIOS": (
        "/usr/share/bochs/VGABIOS-lgpl-latest",
        "/usr/share/vgabios/vgabios.bin",
    ),
}
# Of the debugger's answers: CPUs, registers that i386 has, and backtraces.
WORTH_SHOWING = re.compile(
    r"(?:<bochs:\d+> )?(?:(CPU\d+):"
    r"|r([a-ds][xip]|[bsi]p): \w+_(\w+)"
    r"|(eflags .*|[0-9a-f]{8} -> .*))$"
)
PROMPT_SECONDS = 5.0
SHUT_DOWN = "shutdown requested"
TRIPLE_FAULT = re.compile(r"3rd \(\d+\) exception with no resolution")


class Line:
    """One of our ends: like a socket, as far as the run needs it."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def fileno(self):
        return self._descriptor

    def close(self):
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


def roms():
    found = {}
    for name, paths in ROMS.items():
        there = [path for path in paths if os.path.exists(path)]
        if not there:
            raise SetupError("no %s (packages: bochsbios vgabios)" % paths[0])
        found[name] = there[0]
    return found


def condense(text):
    """The debugger's answers, without what says nothing here."""
    lines, registers = [], []
    for line in text.split("\n"):
        m = WORTH_SHOWING.match(line)
        if not m:
            continue
        if m[2]:
            registers.append("e%s=%s" % (m[2], m[3]))
            continue
        if registers:
            lines.append(" ".join(registers))
            registers = []
        lines.append(m[1] or m[4])
    return lines


class Bochs:
    """A running Bochs; the same face as qemu.Qemu."""

    def __init__(self, machine, folder, console_input=False):
        mib = mebibytes(machine.memory)
        if machine.cpus > CPUS_MAX or mib > MIB_MAX:
            raise SetupError("Bochs has at most 8 CPUs and 2 GiB")
        self.folder, self.cpu_count = folder, machine.cpus
        self.lines, self.inbound, self.slave = {}, None, -1
        values = dict(os.environ, **roms())
        values.update(QUARTET_MIB=str(mib), QUARTET_CPUS=str(machine.cpus))
        values.update(QUARTET_ISO="iso", QUARTET_BOCHS="bochs.log")
        values.update(QUARTET_CONSOLE_MODE="file")
        for name in ("log", "console", "result"):
            path = os.path.join(folder, name)
            os.mkfifo(path)
            flags = os.O_RDONLY | os.O_NONBLOCK
            self.lines[name] = Line(os.open(path, flags))
            values["QUARTET_" + name.upper()] = name
        if console_input:
            self._open_terminal(values)
        symbols = machine.product("kernel.bochs.sym")
        with open(os.path.join(folder, "go"), "w", encoding="utf-8") as file:
            if os.path.exists(symbols):
                file.write('ldsym global "%s"\n' % symbols)
            file.write("c\n")
        self.errors = open(os.path.join(folder, "errors"), "w+b")
        words = ["bochs", "-q", "-f", os.path.join(TREE, "boot", "bochsrc")]
        words += ["-rc", "go"] + list(machine.arguments)
        try:
            self.process = subprocess.Popen(
                words,
                cwd=folder,
                env=values,
                stdin=subprocess.PIPE,
                stdout=self.errors,
                stderr=self.errors,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise SetupError("bochs is not installed") from None

    def _open_terminal(self, values):
        """A pseudo-terminal in place of the console's pipe."""
        self.lines["console"].close()
        master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.lines["console"] = self.inbound = Line(master)
        values["QUARTET_CONSOLE_MODE"] = "term"
        values["QUARTET_CONSOLE"] = os.ttyname(self.slave)

    def _text(self, name):
        try:
            path = os.path.join(self.folder, name)
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def failure(self, log):
        """(outcome, why) of an end without a result."""
        text = self._text("bochs.log") + self._text("errors")
        if TRIPLE_FAULT.search(text):
            return "reset", "a triple fault"
        if SHUT_DOWN in text:
            return "reset", "the machine was turned off without a result"
        panics = re.findall(r">>PANIC<< (.*)", text)
        return "emulator-failed", panics[-1] if panics else text[-400:].strip()

    def examine(self):
        """(hung, lines): what the debugger says about each CPU."""
        os.kill(self.process.pid, signal.SIGINT)
        before = len(self._text("errors"))
        asked = "".join(
            "set $cpu = %d\nr\nbt 16\n" % n for n in range(self.cpu_count)
        )
        try:
            self.process.stdin.write((asked + "q\n").encode())
            self.process.stdin.flush()
        except OSError:
            pass
        end = time.monotonic() + PROMPT_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        return False, condense(self._text("errors")[before:])

    def interrupt(self):
        """Bochs injects no NMI: examine() has said all there is."""

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def close(self):
        self.stop()
        self.process.stdin.close()
        for line in self.lines.values():
            line.close()
        if self.slave >= 0:
            os.close(self.slave)
        self.errors.close()
