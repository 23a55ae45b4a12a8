# SPDX-License-Identifier: MIT
"""Finds the in-guest tests: every user/tests/*.c is one, and the lines

    * run: cpus=1,4 mem=64M options="lowmem=16M" build=debug expect=0 args="a b"

of its opening comment say under which configurations it runs. tests/README.md
explains the keys.
"""
import glob
import os
import re
import shlex

from harness import TREE, Test, guest

LINE = re.compile(r"^ \* run:(.*)$", re.MULTILINE)
OPENING = re.compile(r"\A(?:\s*/\*.*?\*/)+", re.DOTALL)
KEYS = ("cpus", "mem", "options", "build", "expect", "args", "emulator")
KEYS += ("icount", "tier", "seconds")


class BadLine(Exception):
    """A run: line with a key that does not exist or makes no sense."""


def configurations(source):
    """Each configuration that a source text asks for, as a dict."""
    opening = OPENING.match(source)
    lines = LINE.findall(opening.group(0)) if opening else []
    for line in lines or [""]:
        keys = {}
        for word in shlex.split(line):
            name, equals, value = word.partition("=")
            if name not in KEYS or not equals:
                raise BadLine("run: does not know %r" % word)
            keys[name] = value
        for cpus in keys.get("cpus", "4").split(","):
            for mem in keys.get("mem", "256M").split(","):
                yield dict(keys, cpus=cpus, mem=mem)


def machine_keys(keys):
    """The machine of one configuration."""
    return {
        "cpus": int(keys["cpus"]),
        "memory": keys["mem"],
        "options": keys.get("options", ""),
        "build": keys.get("build", "release"),
        "emulator": keys.get("emulator", "qemu"),
        "icount": keys.get("icount", "") == "yes",
    }


def title(name, machine, arguments):
    """A test's name: the program, then what its machine is like."""
    words = [name, "%dcpu" % machine["cpus"], machine["memory"]]
    if machine["build"] != "release":
        words.append(machine["build"])
    if machine["emulator"] != "qemu":
        words.append(machine["emulator"])
    if machine["icount"]:
        words.append("icount")
    words += machine["options"].split()
    return " ".join(words + (["(%s)" % arguments] if arguments else []))


def tests_of(name, source):
    """All tests that one source file stands for."""
    found = []
    for index, keys in enumerate(configurations(source)):
        machine = machine_keys(keys)
        arguments = keys.get("args", "")
        status = int(keys.get("expect", "0"))
        tier = keys.get("tier", "normal" if index else "quick")
        seconds = float(keys.get("seconds", "1"))
        if machine["emulator"] == "bochs":
            seconds += 5
        words = shlex.split(arguments)
        path = "guest:/tests/" + name
        function = guest(path, *words, status=status, **machine)
        label = title(name, machine, arguments)
        found.append(Test(label, function, tier, seconds))
        if machine["build"] == "release" and machine["emulator"] == "qemu":
            # Debug builds check more: the same again there.
            machine = dict(machine, build="debug")
            function = guest(path, *words, status=status, **machine)
            label = title(name, machine, arguments)
            found.append(Test(label, function, "normal", seconds * 2))
    return found


def tests():
    """The tests of user/tests."""
    found = []
    for path in sorted(glob.glob(os.path.join(TREE, "user", "tests", "*.c"))):
        name = os.path.basename(path)[:-2]
        with open(path, encoding="utf-8") as file:
            found += tests_of(name, file.read())
    return found
