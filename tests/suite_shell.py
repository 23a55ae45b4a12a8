# SPDX-License-Identifier: MIT
"""A person at the terminal: the shell on a pseudo-terminal, as `make run` and
as tools/guest -i start it. Keys are typed, what appears is compared."""
import os
import pty
import re
import select
import subprocess
import sys
import time

from harness import TREE, Failure, Test

PROMPT = "quartet$ "
BANNER = re.compile(
    r"Quartet: (\d+) CPUs, PAE NX.*, \d+ MiB \(\d+ low, \d+ high\), boot "
    r"(\d+\.\d) s\r*\n"
    r"policy  pt=\S+ kmap=\S+ kstack=\S+ shootdown=\S+\r*\n"
    r"try     help \| demo \| tasks \| mm \| counters \| test \| exit\r*\n"
)
CTRL_U, CTRL_D, BACKSPACE = "\x15", "\x04", "\x7f"


class Screen:
    """A process on a pseudo-terminal of its own."""

    def __init__(self, words, scale):
        self.text, self._seen, self._scale = "", 0, scale
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, cwd=TREE,
            start_new_session=True,
        )
        os.close(slave)

    def _read(self, seconds):
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other side is closed
            data = b""
        self.text += data.decode("utf-8", "replace")
        return bool(data)

    def wait_for(self, wanted, seconds=20.0):
        """What appeared since the last call, up to and with `wanted`."""
        end = time.monotonic() + seconds * self._scale
        while wanted not in self.text[self._seen :]:
            left = end - time.monotonic()
            ended = self.process.poll() is not None
            if left <= 0 or (not self._read(min(left, 0.2)) and ended):
                raise Failure("%r does not appear" % wanted, self.text)
        start = self._seen
        self._seen = self.text.index(wanted, start) + len(wanted)
        return self.text[start : self._seen]

    def type(self, keys):
        os.write(self._master, keys.encode())

    def command(self, line):
        """Type a line at the prompt; what it printed."""
        self.type(line + "\r")
        return self.wait_for(PROMPT)

    def end(self, seconds=20.0):
        """The exit status, once it has ended."""
        end = time.monotonic() + seconds * self._scale
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise Failure("it does not end", self.text)
            self._read(0.1)
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._master)


def require(pattern, text, screen):
    found = re.search(pattern, text, re.M)
    if not found:
        raise Failure("no %r in %r" % (pattern, text), screen.text)
    return found


def look_around(screen):
    """The first screen and the built-in commands."""
    first = screen.wait_for(PROMPT)
    if require(BANNER.pattern, first, screen)[1] != "4":
        raise Failure("not 4 CPUs", screen.text)
    require(r"^\s*tasks\b", screen.command("help"), screen)
    require(r"shell", screen.command("tasks"), screen)
    require(r"4 of 4 running", screen.command("cpus"), screen)
    require(r"^all\s+\d", screen.command("mem"), screen)
    require(r"^\s*\d+\s+syscalls\b", screen.command("counters"), screen)
    require(r"^hello world\r*$", screen.command("echo hello world"), screen)
    unknown = screen.command("no-such-command")
    require(r"no-such-command", unknown, screen)


def edit_lines(screen):
    """What an editing terminal owes its user."""
    fixed = screen.command("echo goof" + BACKSPACE + "d")
    require(r"^good\r*$", fixed, screen)
    dropped = screen.command("nonsense" + CTRL_U + "echo kept")
    require(r"^kept\r*$", dropped, screen)
    screen.command("")


def by_make(context):
    screen = Screen(["make", "-s", "run", "CPUS=4"], context.scale)
    try:
        look_around(screen)
        edit_lines(screen)
        screen.type("exit\r")
        if screen.end() != 0:
            raise Failure("make run: status %d" % screen.end(), screen.text)
    finally:
        screen.close()


def by_runner(context):
    tool = os.path.join(TREE, "tools", "guest")
    words = [sys.executable, tool, "-i", "-c", "4", "guest:/bin/shell"]
    screen = Screen(words, context.scale)
    try:
        look_around(screen)
        edit_lines(screen)
        screen.type("exit 9\r")
        if screen.end() != 9:
            raise Failure("status %d, not 9" % screen.end(), screen.text)
    finally:
        screen.close()


def way_out(context):
    """Ctrl-A X leaves; Ctrl-D ends the shell's input."""
    tool = os.path.join(TREE, "tools", "guest")
    words = [sys.executable, tool, "-i", "-c", "1", "guest:/bin/shell"]
    for keys, status in (("\x01x", 124), (CTRL_D, 0)):
        screen = Screen(words, context.scale)
        try:
            screen.wait_for(PROMPT)
            screen.type(keys)
            if screen.end() != status:
                raise Failure("status %d" % screen.end(), screen.text)
        finally:
            screen.close()


def tests():
    return [
        Test("shell by make run", by_make, "normal", 5),
        Test("shell by tools/guest -i", by_runner, "quick", 3),
        Test("shell way out", way_out, "normal", 5),
    ]
