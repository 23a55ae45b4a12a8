# SPDX-License-Identifier: MIT
"""One run of a guest, from start to report, on either emulator.

A single loop moves bytes: what the program prints goes out as it comes, what
is typed goes in only as fast as the guest takes it. The loop ends with the
kernel's result, with the emulator's end, or with a limit: a total time, or a
time in which nothing at all was heard (what the tests use, since a loaded
host makes everything slow but rarely silent).
"""
import os
import selectors
import shutil
import tempfile
import time

import result
from machine import boot_options, stage

GRACE_SECONDS = 3.0  # from the result to the emulator's own end
DUMP_SECONDS = 2.0  # for the backtraces after an NMI
CHUNK = 65536
END_OF_INPUT = b"\x04"
ESCAPE = b"\x10"  # before END_OF_INPUT and itself, where all bytes are data


class Limits:
    """Seconds, None for no limit: in all, and of silence."""

    def __init__(self, total=60.0, silence=None):
        self.total, self.silence = total, silence


class Input:
    """Bytes on their way into the guest: at most one chunk is held."""

    def __init__(self, source, keys=None):
        self.source = source  # a descriptor, None at its end
        self.raw = False  # the guest takes bytes as they come
        self.keys = keys  # looks at typed bytes first; None means leave
        self.pending = b""

    def read(self):
        """False when the user wants to leave."""
        data = os.read(self.source, 4096)
        if not data:
            self.source = None
            data = ESCAPE + END_OF_INPUT if self.raw else END_OF_INPUT
        elif self.raw:
            data = data.replace(ESCAPE, ESCAPE + ESCAPE)
        elif self.keys:
            data = self.keys(data)
            if data is None:
                return False
        self.pending = data
        return True


class Run:
    """Start the emulator, move the bytes, judge the end."""

    def __init__(self, machine, program, limits, output, log, **how):
        self.machine, self.program, self.limits = machine, program, limits
        self.output, self.log = output, log  # called with bytes
        self.input = how.get("input")
        self.raw = how.get("raw", True)
        if self.input:
            self.input.raw = self.raw
        self.strace = how.get("strace", False)
        self.started = how.get("started", lambda emulator: None)
        self.lines = {}
        self.log_head = b""
        self.console_bytes = 0
        self.result_text = b""
        self.left = False
        self.heard = 0.0

    def options(self):
        stdin = self.input is not None
        return boot_options(
            self.machine, self.program, self.raw, stdin, self.strace
        )

    def _start(self, modules, folder):
        has_input = self.input is not None
        return start(self.machine, self.options(), modules, folder, has_input)

    def run(self):
        """The report: a dict as in --result."""
        folder = tempfile.mkdtemp(prefix="quartet-")
        began = self.heard = time.monotonic()
        emulator = None
        try:
            modules = stage(folder, self.machine, self.program)
            emulator = self._start(modules, folder)
            self.started(emulator)
            report = self._follow(emulator, began)
        finally:
            if emulator is not None:
                emulator.close()
            shutil.rmtree(folder, ignore_errors=True)
        report["seconds"] = round(time.monotonic() - began, 3)
        report["configuration"] = self.machine.describe()
        return report

    def _follow(self, emulator, began):
        while True:
            over = self._limit(began)
            if over:
                return self._examine(emulator, over)
            self._move(emulator, 0.2)
            ended = emulator.process.poll() is not None
            if ended:
                self._drain(emulator)
            found = self._result()
            if found:
                self._finish(emulator)
                return found
            if self.left:
                return self._report("timeout", "left by the user")
            if ended:
                return self._failure(emulator)

    def _limit(self, began):
        now = time.monotonic()
        total, silence = self.limits.total, self.limits.silence
        if total is not None and now - began > total:
            return "no end within %.0f s" % total
        if silence is not None and now - self.heard > silence:
            return "nothing heard for %.0f s" % silence
        return None

    def _result(self):
        try:
            return result.parse(self.result_text)
        except result.Malformed as error:
            return self._report("panic", "result line: %s" % error)

    def _report(self, outcome, why):
        return {
            "outcome": outcome,
            "status": None,
            "frames_lost": 0,
            "counters": {},
            "message": why,
        }

    def _move(self, emulator, seconds):
        """Wait for bytes on any line and pass them on."""
        with selectors.PollSelector() as selector:
            wanted = {name: selectors.EVENT_READ for name in emulator.lines}
            if self.input and self.input.pending and emulator.inbound:
                wanted["console"] = wanted.get("console", 0)
                wanted["console"] |= selectors.EVENT_WRITE
            for name, events in wanted.items():
                line = emulator.lines.get(name, emulator.inbound)
                selector.register(line, events, name)
            if self.input and self.input.source is not None:
                # Not before the kernel has set up its lines: that drops bytes.
                if not self.input.pending and b"\n" in self.log_head:
                    source = self.input.source
                    selector.register(source, selectors.EVENT_READ, "input")
            if not selector.get_map():
                time.sleep(0.02)
                return
            for key, events in selector.select(seconds):
                if key.data == "input":
                    self.left = not self.input.read()
                    continue
                if events & selectors.EVENT_WRITE:
                    self._send(emulator)
                if events & selectors.EVENT_READ:
                    self._receive(emulator, key.data)

    def _send(self, emulator):
        try:
            sent = os.write(emulator.inbound.fileno(), self.input.pending)
            self.input.pending = self.input.pending[sent:]
        except BlockingIOError:
            pass
        except OSError:
            self.input.pending, self.input.source = b"", None

    def _receive(self, emulator, name):
        """Read once; False if there is nothing to read."""
        line = emulator.lines[name]
        try:
            data = os.read(line.fileno(), CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            del emulator.lines[name]
            line.close()
            return False
        self.heard = time.monotonic()
        if name == "console":
            self.console_bytes += len(data)
            self.output(data)
        elif name == "log":
            if len(self.log_head) < 200:
                self.log_head += data
            self.log(data)
        else:
            self.result_text += data
        return True

    def _drain(self, emulator):
        for name in list(emulator.lines):
            while name in emulator.lines and self._receive(emulator, name):
                pass

    def _finish(self, emulator):
        """The result is there: let the emulator end by itself."""
        deadline = time.monotonic() + GRACE_SECONDS
        while emulator.process.poll() is None:
            if time.monotonic() > deadline:
                emulator.stop()
                break
            self._move(emulator, 0.05)
        self._drain(emulator)

    def _failure(self, emulator):
        outcome, why = emulator.failure(self.log_head)
        if outcome == "reset" and self._silent():
            outcome = "boot-failed"
        return self._report(outcome, why)

    def _silent(self):
        """Not one whole line of log: the kernel did not begin."""
        return b"\n" not in self.log_head and not self.console_bytes

    def _examine(self, emulator, why):
        """A limit is reached: find out where the CPUs are, then end it."""
        before = self.heard
        hung, text = emulator.examine()
        self._drain(emulator)
        hung = hung and self.heard == before
        self.log(b"\n" if self.log_head else b"")
        self.log(("guest: %s\n" % why).encode())
        for line in text:
            self.log(("guest: %s\n" % line).encode())
        emulator.interrupt()
        asked = time.monotonic()
        self.heard = max(self.heard, asked)
        while emulator.process.poll() is None:
            now = time.monotonic()
            if now - asked > DUMP_SECONDS or now - self.heard > 0.5:
                break
            self._move(emulator, 0.1)
        self._drain(emulator)
        emulator.stop()
        if self._silent():
            return self._report("boot-failed", why)
        return self._report("hang" if hung else "timeout", why)


def start(machine, options, modules, folder, has_input):
    """The emulator, running."""
    if machine.emulator == "bochs" or machine.iso:
        import iso

        iso.make(options, modules, folder)
    if machine.emulator == "bochs":
        import bochs

        return bochs.Bochs(machine, folder, has_input)
    import qemu

    return qemu.Qemu(qemu.command(machine, options, modules), folder)
