# SPDX-License-Identifier: MIT
"""Quartet under QEMU: the command line, the serial lines, the monitor.

Each serial line is one end of a socket pair that QEMU inherits: no names, no
ports, nothing to wait for, and bytes that QEMU wrote are still there when it
has ended. The monitor (QMP) is used only when a run has to be examined.
"""
import os
import re
import socket
import subprocess
import time

from machine import SetupError, mebibytes

LINES = ("log", "console", "result")  # COM1, COM2, COM3
BIG_MIB = 4096  # from here on memory is not reserved on the host
WIDE_MIB = 3 * 1024  # qemu-system-i386 loses high bits of tables above 4 GiB
BUFFER_BYTES = 1 << 20
REGISTERS = re.compile(
    r"EIP=(?P<eip>[0-9a-f]+) EFL=(?P<flags>[0-9a-f]+).*?"
    r"CPL=(?P<cpl>\d).*?HLT=(?P<halted>\d)"
)
INTERRUPTS_ON = 1 << 9
TURNED_OFF = 0 << 1 | 1  # what isa-debug-exit makes of a zero
REFUSED = 0x3F << 1 | 1  # boot/entry.asm: the machine is unfit


def command(machine, options, modules):
    """QEMU's words, but for the serial lines."""
    mib = mebibytes(machine.memory)
    words = ["qemu-system-x86_64" if mib > WIDE_MIB else "qemu-system-i386"]
    words += ["-nodefaults", "-no-user-config", "-no-reboot"]
    words += ["-display", "none", "-vga", "none"]
    words += ["-accel", machine.accel, "-cpu", "max"]
    # One socket each: the BIOS's MP tables list sockets, not cores.
    words += ["-smp", "%d,sockets=%d" % (machine.cpus, machine.cpus)]
    words += ["-m", "%dM" % mib]
    if mib >= BIG_MIB:
        backend = "memory-backend-memfd,id=ram,size=%dM,reserve=off" % mib
        words += ["-object", backend, "-machine", "memory-backend=ram"]
    if machine.icount:
        words += ["-icount", "shift=0,sleep=off", "-seed", str(machine.seed)]
        words += ["-rtc", "base=2020-01-01,clock=vm"]
    words += ["-device", "isa-debug-exit,iobase=0x501,iosize=1"]
    if machine.iso:
        words += ["-drive", "file=iso,format=raw,if=ide,media=cdrom"]
        words += ["-boot", "d"]
    else:
        words += ["-kernel", "./kernel", "-append", " ".join(options)]
        if modules:
            words += ["-initrd", ",".join("./" + name for name in modules)]
    if machine.gdb_port:
        words += ["-S", "-gdb", "tcp:127.0.0.1:%d" % machine.gdb_port]
    return words + list(machine.arguments)


class Qemu:
    """A running QEMU. `lines` maps the names of LINES to sockets."""

    def __init__(self, words, folder):
        self.lines, theirs = {}, []
        words = list(words)
        for name in LINES + ("monitor",):
            ours, other = socket.socketpair()
            for end in (ours, other):
                option = (socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
                end.setsockopt(*option)
            ours.setblocking(False)
            self.lines[name] = ours
            theirs.append(other)
            chardev = "socket,id=%s,fd=%d" % (name, other.fileno())
            words += ["-chardev", chardev]
            if name == "monitor":
                words += ["-mon", "chardev=monitor,mode=control"]
            else:
                words += ["-serial", "chardev:" + name]
        self.monitor = self.lines.pop("monitor")
        self.inbound = self.lines["console"]
        self.errors = open(os.path.join(folder, "errors"), "w+b")
        try:
            self.process = subprocess.Popen(
                words,
                cwd=folder,
                pass_fds=[end.fileno() for end in theirs],
                stdin=subprocess.DEVNULL,
                stdout=self.errors,
                stderr=self.errors,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise SetupError("%s is not installed" % words[0]) from None
        finally:
            for end in theirs:
                end.close()
        self._ready = False

    def complaint(self):
        """What QEMU itself said."""
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()

    def failure(self, log):
        """(outcome, why) of an end without a result."""
        status = self.process.returncode
        if status == REFUSED:
            return "boot-failed", log.decode(errors="replace").strip()
        why = self.complaint()
        if status == TURNED_OFF and not why:
            return "reset", "the machine was turned off without a result"
        if status != 0:
            why = why or "it ended with status %d" % status
            return "emulator-failed", why
        return "reset", "the machine reset itself (a triple fault?)"

    def _ask(self, name, **arguments):
        """One monitor command; its answer, None if there is none."""
        import json

        if not self._ready:
            self._ready = True
            self.monitor.settimeout(2)
            self._stream = self.monitor.makefile("rb")
            self._stream.readline()
            self._ask("qmp_capabilities")
        request = {"execute": name, "arguments": arguments}
        try:
            self.monitor.sendall(json.dumps(request).encode() + b"\n")
            while True:
                answer = json.loads(self._stream.readline() or b'{"error":0}')
                if "return" in answer or "error" in answer:
                    return answer.get("return")
        except (OSError, ValueError):
            return None

    def cpus(self):
        """Where each CPU is: (eip, flags, privilege level, halted)."""
        question = {"command-line": "info registers -a"}
        text = self._ask("human-monitor-command", **question) or ""
        text = text.replace("\r\n", " ")
        states = []
        for m in REGISTERS.finditer(text):
            eip, flags = int(m["eip"], 16), int(m["flags"], 16)
            states.append((eip, flags, int(m["cpl"]), m["halted"] == "1"))
        return states

    def examine(self):
        """Watch the CPUs for a moment; (hung, lines that say where they are).

        Hung is a CPU that is in the kernel with interrupts off each time one
        looks: a spin that nothing can end, or a halt that nothing can wake.
        """
        samples = []
        for _ in range(6):
            samples.append(self.cpus())
            time.sleep(0.05)
        text, hung = [], False
        for index, states in enumerate(zip(*samples)):
            stuck = all(
                cpl == 0 and not flags & INTERRUPTS_ON
                for _, flags, cpl, _ in states
            )
            hung = hung or (stuck and not (index and states[-1][3]))
            eip, flags, cpl, halted = states[-1]
            text.append(
                "CPU %d: eip %08x, %s, interrupts %s%s"
                % (
                    index,
                    eip,
                    "user" if cpl == 3 else "kernel",
                    "on" if flags & INTERRUPTS_ON else "off",
                    ", halted" if halted else "",
                )
            )
        return hung, text

    def interrupt(self):
        """Make every CPU print where it is."""
        self._ask("inject-nmi")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def close(self):
        self.stop()
        if self._ready:
            self._stream.close()
        for line in list(self.lines.values()) + [self.monitor]:
            line.close()
        self.errors.close()
