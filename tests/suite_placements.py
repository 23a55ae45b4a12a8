# SPDX-License-Identifier: MIT
"""Memory, clone and fork under each combination of `pt=`, `kmap=` and `kstack=`.

One boot runs all programs of a list (tests/guest/batch.c), so a combination
costs seconds; those of tests/linux must print what they print on Linux. `make
test` takes one of six groups of three combinations: each group has every
value of every option, and the six together are all eighteen. Which one follows
from the commit, unless tests/run is told by --combinations; the others are for
`make test-full`.
"""
import os
import re
import shlex
import subprocess
import threading

import compiler
import suite_linux
from harness import TESTS, TREE, Machine, Program, Skip, Test, last_lines, run

PT = ("lowmem", "kmap", "ukva")
KMAP = ("global", "atomic", "ukva")
KSTACK = ("lowmem", "ukva")
GROUPS = 6

# Programs of Quartet's own, with their arguments; all end with 0.
OWN = [
    "/tests/threads", "/tests/faults", "/tests/mapstorm 1 60",
    "/tests/spawnmany 300 8", "/tests/futexstorm",
    "/tests/kernelmemory", "/tests/selftest",
]
# Programs of tests/linux: those with these names, but not what wants a
# machine of its own: that has `run:` lines there.
LINUX = re.compile(
    r"(mem|task|futex|vm)_|load_mms|signal_stack|start_tls|start_settls")
APART = re.compile(r"mem_(hog|fork_large|order)|vm_copy_race|"
                   r"task_(bomb|many_mms|group_status)")
# Pages a thread; a seed and steps a thread.
ARGUMENTS = {"mem_fork_race": ["4"], "mem_random": ["7", "300"]}
# What Bochs runs: it is slow, but caches root entries and global ones.
OWN_ON_BOCHS = [
    "/tests/threads", "/tests/faults", "/tests/mapstorm 1 30",
    "/tests/spawnmany 30 4", "/tests/selftest",
]
LINUX_ON_BOCHS = ["mem_fork", "mem_mmap", "mem_protect", "futex_wait",
                  "task_vfork"]
BOCHS = ["pt=lowmem kmap=global kstack=ukva", "pt=kmap kmap=atomic kstack=ukva",
         "pt=ukva kmap=ukva kstack=lowmem"]

# build, CPUs, memory, boot options, tier of the chosen group
MACHINES = [
    ("release", 1, "256M", "lowmem=64M", "normal"),
    ("release", 4, "6G", "lowmem=64M", "normal"),
    ("debug", 1, "6G", "lowmem=64M", "full"),
    ("debug", 4, "256M", "lowmem=64M", "full"),
]
TOTAL_SECONDS = 600.0
SILENCE_SECONDS = 120.0  # some of them say little for long

BEGIN = re.compile(rb"\x01([^\n]*)\n")
END = re.compile(rb"\x02(\d+)\n")


def combinations(group):
    """The three combinations of a group, as boot options."""
    shift, stack = divmod(group, 2)
    return ["pt=%s kmap=%s kstack=%s"
            % (PT[i], KMAP[(i + shift) % 3], KSTACK[(i + stack) % 2])
            for i in range(3)]


def group_of(commit):
    """The group, 0 to 5, that a commit's name stands for."""
    return int(commit, 16) % GROUPS


def commit():
    """What the tree is at, as git names it; "0" where there is no git."""
    done = subprocess.run(["git", "rev-parse", "--short=8", "HEAD"], cwd=TREE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    return done.stdout.decode().strip() or "0"


def linux_names():
    names = sorted(os.listdir(os.path.join(TESTS, "linux")))
    names = [name[:-2] for name in names if name.endswith(".c")]
    return [n for n in names if LINUX.match(n) and not APART.match(n)]


class Linux:
    """The programs of tests/linux, and what each prints here: found once."""

    def __init__(self):
        self._lock = threading.Lock()
        self._wanted = {}

    def paths(self, names):
        """The programs; none without a C library to link them with."""
        with self._lock:
            try:
                return [self._stripped(name) for name in names]
            except compiler.NoLibrary:
                return []

    @staticmethod
    def _stripped(name):
        source = os.path.join(TESTS, "linux", name + ".c")
        return compiler.stripped(compiler.linux_program(source))

    def wanted(self, path, scale):
        """How it must end, and its output or None."""
        with self._lock:
            if path not in self._wanted:
                name = os.path.basename(path)
                source = os.path.join(TESTS, "linux", name + ".c")
                case = suite_linux.cases(source)[0]
                case.words = ARGUMENTS.get(name, [])
                self._wanted[path] = suite_linux.oracle(
                    source, path, case, scale)[:2]
            return self._wanted[path]


LINUX_PROGRAMS = Linux()


def commands(paths, own):
    """The batch's arguments."""
    lines = [shlex.split(line) for line in own]
    for name in map(os.path.basename, paths):
        lines.append(["/" + name] + ARGUMENTS.get(name, []))
    words = []
    for line in lines:
        words += line + ["--"]
    return words[:-1]


def parts(written):
    """What each program of a batch printed and its status, None: not ended."""
    found = {}
    pieces = BEGIN.split(written)[1:]
    for path, text in zip(pieces[::2], pieces[1::2]):
        end = END.search(text)
        status = int(end[1]) if end else None
        found[path.decode()] = (text[: end.start()] if end else text, status)
    return found


def judge(path, found, wanted):
    """Why a program of the batch has failed, or nothing."""
    how, output = wanted
    text, status = found
    if status is None:
        return "%s did not end" % path
    status &= 0xFFFFFFFF
    ended = ("signalled", status & 127) if status & 127 else (
        "exited", status >> 8 & 255)
    if ended != how:
        said = last_lines(text.decode(errors="replace"))
        return "%s: %s %d, expected %s %d\n%s" % (path, *ended, *how, said)
    if output is not None and output != text:
        return path + ":\n" + suite_linux.difference("Linux", output, text)
    return ""


def batch(own, names, **keys):
    """A test function: all programs in one boot, each as it should be."""

    def function(context):
        paths = LINUX_PROGRAMS.paths(names)
        wanted = {line.split()[0]: (("exited", 0), None) for line in own}
        wanted.update({"/" + os.path.basename(path):
                       LINUX_PROGRAMS.wanted(path, context.scale)
                       for path in paths})
        program = Program(context.bare("batch"), commands(paths, own),
                          files=paths)
        done = run(context, Machine(**keys), program, total=TOTAL_SECONDS,
                   silence=SILENCE_SECONDS)
        found = parts(done.bytes)
        reasons = [judge(path, found[path], wanted[path])
                   for path in wanted if path in found]
        reasons = [reason for reason in reasons if reason]
        if reasons:
            done.output = ""
            done.fail("\n".join(reasons))
        done.expect()
        if len(found) != len(wanted):
            done.fail("%d of %d programs ran" % (len(found), len(wanted)))
        if not paths:
            raise Skip("only Quartet's own programs: no static C library")

    return function


def title(build, cpus, memory, options, emulator="qemu"):
    words = ["placements", options, "%dcpu" % cpus, memory]
    words += [build] * (build != "release")
    return " ".join(words + [emulator] * (emulator != "qemu"))


def tests(chosen):
    """All combinations on all machines; `chosen` is the group for `normal`."""
    found, names = [], linux_names()
    for group in range(GROUPS):
        for which in combinations(group):
            for build, cpus, memory, options, tier in MACHINES:
                keys = {"build": build, "cpus": cpus, "memory": memory}
                keys["options"] = "%s %s" % (which, options)
                name = title(**keys)
                tier = tier if group == chosen else "full"
                found.append(Test(name, batch(OWN, names, **keys), tier, 30))
    for which in BOCHS:
        keys = {"build": "release", "cpus": 2, "memory": "128M"}
        keys.update(options=which + " lowmem=32M", emulator="bochs")
        function = batch(OWN_ON_BOCHS, LINUX_ON_BOCHS, **keys)
        found.append(Test(title(**keys), function, "full", 60))
    return found
