# SPDX-License-Identifier: MIT
"""The demonstrations that compare policies, each under all of them: they judge
by themselves whether what came is what the claim says (docs/claim-c*.md)."""
import os
import re
import subprocess
import sys

from harness import TREE, Failure, Test, guest

COMPARE = os.path.join(TREE, "tools", "compare")
REACHED = "reached 1000 of 1000 MMs;"
SHORT = r"reached \d{3} of 1000 MMs, then ENOMEM;"
MILLION = r"another MM runs there +10000\d\d +7\d\d\d +0 "  # wraps, interrupts

# program, options, what the verdict or a row is like, keys of the machine
LARGE = {"memory": "1G", "cpus": 2}
COUNTING = {"icount": True}
RUNS = [
    ("tables", "lowmem=32M", REACHED, LARGE),
    ("tables", "lowmem=32M pt=kmap", REACHED, LARGE),
    ("tables", "lowmem=32M pt=lowmem", SHORT, LARGE),
    ("tables", "lowmem=32M pt=lowmem kstack=lowmem", SHORT, LARGE),
    ("stacks", "lowmem=64M kstack=lowmem", "verdict", {"cpus": 2}),
    ("stacks", "lowmem=64M kstack=ukva", "verdict", COUNTING),
    ("pools", "", "on one CPU all are right", {"cpus": 1}),
    ("pools", "", "only the MM's", {"cpus": 2}),
    ("pools", "kmap=global pt=lowmem", "only the MM's", {"cpus": 4}),
    ("pools", "", "only the MM's", {"cpus": 2, "build": "debug"}),
    ("pools", "", "only the MM's",
     {"cpus": 2, "memory": "64M", "emulator": "bochs"}),
    ("kmaps 1000000", "lowmem=64M", MILLION, dict(COUNTING, cpus=2)),
]
RUNS += [("kmaps", "lowmem=64M kmap=" + kmap, "as the claim says",
          dict(COUNTING, cpus=cpus))
         for kmap in ("global", "atomic", "ukva") for cpus in (1, 2, 4, 8)]


def demo(words, options, pattern, keys):
    """A demonstration under these options succeeds and prints that."""
    name, *arguments = words.split()
    function = guest("guest:/demo/" + name, *arguments, options=options,
                     output=re.compile(pattern), **keys)
    title = [words, options or "by default"]
    title += ["%s" % value for value in keys.values() if value is not True]
    long = "emulator" in keys or arguments or keys == LARGE
    return Test(" ".join(title), function, "normal", 5 if long else 2)


def compare(_):
    """tools/compare prints the rows of both runs below one heading."""
    words = ["kstack=lowmem,ukva", "-c", "1", "-a", "lowmem=64M"]
    words.append("guest:/demo/stacks")
    done = subprocess.run([sys.executable, COMPARE] + words, check=False,
                          capture_output=True, timeout=240)
    text = done.stdout.decode(errors="replace")
    rows = r"^policy +each .*\n(kstack=lowmem .*\n){2}(kstack=ukva .*\n){2}\n"
    if done.returncode or not re.search(rows, text, re.M):
        raise Failure("status %d, or no table" % done.returncode, text)


def tests():
    found = [demo(*run) for run in RUNS]
    return found + [Test("compare", compare, "normal", 3)]
