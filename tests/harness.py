# SPDX-License-Identifier: MIT
"""What a test is, and how a guest run is judged.

A test has a name, a tier (quick, normal, full) and a function that gets a
Context and raises Failure or Skip. Most tests are one guest run: guest() makes
such a function from a line of a table. Time-outs are by lack of progress: a
run is ended when nothing was heard for a while that grows with the load of
the host, which the boot gate measures.
"""
import os
import re
import sys
import tempfile
import threading

TESTS = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TREE, "tools", "lib"))

import result  # noqa: E402
import running  # noqa: E402
from machine import Machine, Program, SetupError  # noqa: E402

TIERS = ("quick", "normal", "full")
SILENCE_SECONDS = 30.0
TOTAL_SECONDS = 180.0
TAIL_LINES = 20
COMPLAINT = re.compile(r"FAILED|warning:|not so:|expected|panic", re.IGNORECASE)


class Failure(Exception):
    """The test failed; `log` is what the kernel said, if it did."""

    def __init__(self, reason, log=""):
        super().__init__(reason)
        self.log = log


class Skip(Exception):
    """The test cannot be made here; says why."""


class Context:
    """What the tests of one call of tests/run share."""

    def __init__(self):
        self.scale = 1.0  # how much slower than usual this host is
        self.folder = tempfile.mkdtemp(prefix="quartet-tests-")
        self.stop = threading.Event()
        self._programs = {}
        self._lock = threading.Lock()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        """A file of the test's own; its path."""
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def bare(self, name):
        """A program of tests/guest, compiled if need be; its path."""
        import compiler

        with self._lock:
            if name not in self._programs:
                self._programs[name] = compiler.bare_program(name)
        return self._programs[name]


class Test:
    """One line of the suite."""

    def __init__(self, name, function, tier="normal", seconds=1.0):
        assert tier in TIERS, tier
        self.name, self.function, self.tier = name, function, tier
        self.seconds = seconds  # about; long ones are started first


def last_lines(text):
    """The end of a text, and what complains further up."""
    lines = text.rstrip().split("\n")
    early = [line for line in lines[:-TAIL_LINES] if COMPLAINT.search(line)]
    return "\n".join(early[:TAIL_LINES] + lines[-TAIL_LINES:])


class Outcome:
    """A finished guest run."""

    def __init__(self, report, written, log):
        self.report, self.log = report, log
        self.bytes = written  # the program's output as it is, and as text:
        self.output = written.decode("utf-8", "replace")
        self.outcome = report["outcome"]
        self.exit_status = result.exit_status(report)

    def fail(self, reason):
        text = last_lines(self.log)
        if self.output:
            text += "\n--- its output ends:\n" + last_lines(self.output)
        raise Failure(reason, text)

    def expect(self, outcome="exited", status=0, frames=True):
        """The run ended like this; else the test fails."""
        message = self.report.get("message") or ""
        if self.outcome != outcome:
            reason = "%s, expected %s" % (self.outcome, outcome)
            self.fail("%s: %s" % (reason, message) if message else reason)
        kind = {"exited": "exit status", "signalled": "signal"}.get(outcome)
        found = self.report["status"]
        if kind and found != status:
            self.fail("%s %s, expected %s" % (kind, found, status))
        if frames and self.report["frames_lost"]:
            self.fail("frames lost: %d" % self.report["frames_lost"])

    def expect_output(self, pattern):
        """The program printed this: the exact text, or a compiled regex."""
        match(self, "output", self.output, pattern)

    def expect_log(self, pattern):
        match(self, "log", self.log, re.compile(pattern))


def match(outcome, what, text, pattern):
    if isinstance(pattern, str):
        if text != pattern:
            outcome.fail("%s is %r, expected %r" % (what, text[-300:], pattern))
    elif not pattern.search(text):
        outcome.fail("no %r in the %s" % (pattern.pattern, what))


def run(context, machine, program, **how):
    """Run a guest; its Outcome. `silence` and `total` are in usual seconds."""
    output, log = [], []
    silence = how.pop("silence", SILENCE_SECONDS) * context.scale
    total = how.pop("total", TOTAL_SECONDS) * context.scale
    limits = running.Limits(total, silence)

    def take(where):
        def put(data):
            if context.stop.is_set():
                raise Failure("stopped")
            where.append(data)

        return put

    try:
        takers = take(output), take(log)
        report = running.Run(machine, program, limits, *takers, **how).run()
    except SetupError as error:
        text = str(error)
        if "not installed" in text or "(packages:" in text:
            raise Skip(text) from None
        raise Failure(text) from None
    text = b"".join(log).decode("utf-8", "replace")
    return Outcome(report, b"".join(output), text)


def guest(program, *arguments, **keys):
    """A test function: run the program, expect what the keys say.

    Keys: status, outcome, output (text or regex), log (regex or several),
    frames (False: not compared), bare (True: a program of tests/guest),
    environment, files, silence, total, strace; all others are the machine's.
    """
    names = ("status", "outcome", "frames")
    expected = {k: keys.pop(k) for k in names if k in keys}
    output, logs = keys.pop("output", None), keys.pop("log", ())
    bare = keys.pop("bare", False)
    what = {k: keys.pop(k) for k in ("environment", "files") if k in keys}
    names = ("silence", "total", "strace")
    how = {k: keys.pop(k) for k in names if k in keys}

    def function(context):
        path = context.bare(program) if bare else program
        machine = Machine(**keys)
        done = run(context, machine, Program(path, arguments, **what), **how)
        done.expect(**expected)
        if output is not None:
            done.expect_output(output)
        for pattern in (logs,) if isinstance(logs, str) else logs:
            done.expect_log(pattern)

    return function
