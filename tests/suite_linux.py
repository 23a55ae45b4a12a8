# SPDX-License-Identifier: MIT
"""Ordinary static Linux programs, run by Quartet and by Linux: the oracle.

Each C file of tests/linux (system calls, glibc) and tests/libc (what C
libraries do, glibc and musl) is built once, and the very same file runs here,
on the host, and in the guest: output byte for byte, exit status and signal
must be equal. Where the host cannot run i386 programs the guest's exit status
must be 0; without compiler or library the test is skipped. `NAME.expected`
beside a source replaces the host where host and native i386 differ. Lines

    * run: -c 4 -m 512M args="12345" tier=quick

of the opening comment say how; tests/README.md explains the words.
"""
import difflib
import functools
import glob
import os
import platform
import re
import resource
import shlex
import signal
import subprocess

import compiler
import discover
from harness import TESTS, TREE, Failure, Machine, Program, Skip, Test, run

FOLDERS = {"linux": ("glibc",), "libc": ("glibc", "musl")}
KEYS = {"args": "", "expect": "0", "tier": "normal", "seconds": "1"}
KEYS.update({"options": "", "build": "release"})
SHORT = {"-c": "cpus", "-m": "mem", "-a": "options"}
DIFF_LINES = 24
LABEL = 16  # of a run's arguments, characters in its name
STACK_BYTES = 8 << 20  # what the guest gives a program
ORACLE_SECONDS = 60
BENCH_ROWS = 11
ROW = re.compile(r"^\w.{33}( +\d+){3,4}( kept| exceeded)?$", re.MULTILINE)


class Case:
    """One run of one program: what its `run:` line asks for."""

    def __init__(self, line):
        self.guest_only = False
        self.keys = dict(KEYS, cpus="4", mem="256M")
        words = iter(shlex.split(line))
        for word in words:
            name, equals, value = word.partition("=")
            if word == "guest":
                self.guest_only = True
            elif word in SHORT:
                self.keys[SHORT[word]] = next(words, "")
            elif equals and name in self.keys:
                self.keys[name] = value
            else:
                raise discover.BadLine("run: does not know %r" % word)
        self.words = shlex.split(self.keys["args"])

    def machine(self, build=None):
        k = self.keys
        return Machine(cpus=int(k["cpus"]), memory=k["mem"],
                       options=k["options"], build=build or k["build"])

    def label(self):
        """What tells the run from the usual one."""
        words = ["%scpu" % self.keys["cpus"]] * (self.keys["cpus"] != "4")
        words += [self.keys["mem"]] * (self.keys["mem"] != "256M")
        words += self.keys["options"].split()
        text = self.keys["args"]
        text = text if len(text) <= LABEL else text[:LABEL] + "..."
        words += ["(%s)" % text] * bool(self.words)
        return "".join(" " + word for word in words)


def cases(source):
    with open(source, encoding="utf-8") as file:
        opening = discover.OPENING.match(file.read())
    lines = discover.LINE.findall(opening.group(0)) if opening else []
    return [Case(line) for line in lines or [""]]


# --- The oracle -----------------------------------------------------------------


def ended(status):
    """A status of subprocess as the guest reports it: how, and the number."""
    return ("exited", status) if status >= 0 else ("signalled", -status)


def tame():
    """In the child on the host: limits as in the guest, and no core files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    if hard == resource.RLIM_INFINITY or hard >= STACK_BYTES:
        resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES, hard))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it


def on_host(path, words, seconds):
    """Run it here: how it ended and what it printed."""
    command = [os.path.basename(path)] + words
    with subprocess.Popen(
        command, executable=path, env={}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=tame,
        start_new_session=True,
    ) as process:
        try:
            output = process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            text = process.communicate()[0].decode(errors="replace")
            why = "on the host it does not end in %d s" % seconds
            raise Failure(why, text) from None
    return ended(process.returncode), output


def why_no_oracle():
    if platform.system() != "Linux":
        return "the host is no Linux"
    try:
        path = compiler.bare_program("status")
        how = on_host(path, ["7"], ORACLE_SECONDS)[0]
    except (OSError, compiler.CompilerError) as error:
        return str(error).split("\n", maxsplit=1)[0]
    if how != ("exited", 7):
        return "i386 programs end with %s %d here" % how
    return ""


@functools.lru_cache(maxsize=None)
def no_oracle():
    """Why this host cannot be the oracle, said once; empty if it can."""
    why = why_no_oracle()
    if why:
        text = "oracle skipped: %s; exit statuses are looked at, output is not"
        print(text % why, flush=True)
    return why


def oracle(source, path, case, scale):
    """How it must end, what it must print (None: anything), and who says so."""
    expected = os.path.splitext(source)[0] + ".expected"
    status = int(case.keys["expect"])
    how = ("signalled", status - 128) if status > 128 else ("exited", status)
    if case.guest_only:
        return how, None, "its run: line"
    if os.path.exists(expected):
        with open(expected, "rb") as file:
            return how, file.read(), os.path.relpath(expected, TREE)
    if no_oracle():
        return how, None, "its run: line"
    return on_host(path, case.words, ORACLE_SECONDS * scale) + ("Linux",)


def difference(who, wanted, found):
    texts = [t.decode("utf-8", "backslashreplace").splitlines()
             for t in (wanted, found)]
    lines = list(difflib.unified_diff(*texts, who, "guest", n=1, lineterm=""))
    if not lines:
        lines = ["the same lines, but other bytes between them"]
    if len(lines) > DIFF_LINES:
        cut = "... %d more lines" % (len(lines) - DIFF_LINES)
        lines[DIFF_LINES:] = [cut]
    return "\n".join(lines)


# --- The tests --------------------------------------------------------------------


def compare(source, library, case, build=None):
    """A test function: the program on both, and no difference."""

    def function(context):
        try:
            path = compiler.linux_program(source, library)
        except compiler.NoLibrary as why:
            raise Skip(str(why)) from None
        except compiler.CompilerError as error:
            raise Failure("it does not compile", str(error)) from None
        how, wanted, who = oracle(source, path, case, context.scale)
        done = run(context, case.machine(build), Program(path, case.words))
        found = (done.outcome, done.report["status"])
        reasons = []
        if found != how:
            reasons.append("%s %s, by %s it is %s %s" % (*found, who, *how))
        if wanted is not None and wanted != done.bytes:
            reasons.append(difference(who, wanted, done.bytes))
        if reasons:
            done.fail("\n".join(reasons))
        done.expect(*how)  # and no frame lost

    return function


def tests_of(folder, source, libraries):
    found = []
    name = os.path.splitext(os.path.basename(source))[0]
    for case in cases(source):
        seconds = float(case.keys["seconds"])
        for library in libraries:
            title = "%s %s" % (folder, name)
            title += " " + library if len(libraries) > 1 else ""
            title += case.label()
            # The second library is for the whole suite.
            tier = case.keys["tier"]
            if tier == "quick" and library != "glibc":
                tier = "normal"
            function = compare(source, library, case)
            found.append(Test(title, function, tier, seconds))
            function = compare(source, library, case, "debug")
            found.append(Test(title + " debug", function, "full", seconds * 2))
    return found


# --- user/linux/bench.c ------------------------------------------------------------


def bench_program():
    path = os.path.join(TREE, "build", "linux", "bench")
    if not os.path.exists(path):
        raise Skip("not built: make linux")
    return path


def bench_bounds(context):
    """The kernel keeps what it promises, counted in instructions."""
    program = Program(bench_program(), ["strict"])
    done = run(context, Machine(cpus=1, icount=True), program)
    done.expect()
    done.expect_output(re.compile("unit: instructions"))
    if len(ROW.findall(done.output)) < BENCH_ROWS:
        done.fail("rows are missing")


def bench_on_host(context):
    """The same program prints the same table on Linux."""
    if no_oracle():
        raise Skip(no_oracle())
    seconds = ORACLE_SECONDS * context.scale
    how, output = on_host(bench_program(), ["strict"], seconds)
    text = output.decode(errors="replace")
    if how != ("exited", 0) or len(ROW.findall(text)) != BENCH_ROWS:
        raise Failure("%s with %d" % how, text)


def share(context):
    """user/demo/share is a Linux program, too, and its table is the same."""
    done = run(context, Machine(), Program("guest:/demo/share"))
    done.expect()
    done.expect_output(re.compile(r"^VM FILES SIGHAND THREAD +shared", re.M))
    if no_oracle():
        raise Skip(no_oracle())
    path = os.path.join(TREE, "build", "user", "demo", "share")
    wanted = on_host(path, [], ORACLE_SECONDS * context.scale)[1]
    if wanted != done.bytes:
        done.fail(difference("Linux", wanted, done.bytes))


def reach(context):
    """Claim C10: 16 high pages of another MM take as many mappings or more."""
    for machine in (Machine(), Machine(cpus=1, options="lowmem=16M")):
        done = run(context, machine, Program("guest:/demo/reach"))
        done.expect()
        done.expect_output(re.compile(
            r"^read +65536 +(1[6-9]|[2-9]\d|\d{3,}) .*^verdict: both sides found",
            re.M | re.S))


# Demonstrations of claims: CPUs, boot options, words of the verdict. Each
# exits with 0 only if all came out as the claim says.
CLAIMS = {
    "mine": [
        (1, "", "right on one CPU; this machine has no second"),
        (2, "", "right on one CPU, wrong in the first line on two"),
        (4, "pt=kmap kmap=atomic kstack=lowmem", "wrong in the first line"),
    ],
    "escape": [
        (1, "", "on the stack was something else in another MM"),
        (4, "", "on the stack was something else in another MM"),
        (2, "kstack=lowmem", "all was right: with kstack=lowmem"),
    ],
    "uarea": [
        (1, "", "until the first CLONE_VM; .*those of two MMs need not"),
        (4, "", "until the first CLONE_VM; .*those of two MMs need not"),
        (4, "kstack=lowmem", "until the first CLONE_VM; .*in low memory"),
    ],
}


def claim(name):
    def function(context):
        for cpus, options, words in CLAIMS[name]:
            machine = Machine(cpus=cpus, options=options)
            done = run(context, machine, Program("guest:/demo/" + name))
            done.expect()
            done.expect_output(re.compile("^verdict: .*" + words, re.M))
    return function


def tests():
    """The programs that are there; names are unique within both folders."""
    found = [Test("bench within its bounds", bench_bounds, "normal", 5)]
    found.append(Test("bench on the host", bench_on_host))
    found.append(Test("share as on Linux", share, "quick"))
    found.append(Test("reach", reach, "quick"))
    found += [Test("demo " + name, claim(name), "quick") for name in CLAIMS]
    for folder, libraries in FOLDERS.items():
        for source in sorted(glob.glob(os.path.join(TESTS, folder, "*.c"))):
            found += tests_of(folder, source, libraries)
    return found
