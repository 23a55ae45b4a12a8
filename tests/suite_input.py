# SPDX-License-Identifier: MIT
"""Bad input: programs, archives and options that no kernel should trust. Each
test asks for a clear word and for a kernel that goes on: the shell runs another
program afterwards, or the run ends with an outcome and no panic."""
import random
import re

import compiler
import newc
from harness import Machine, Program, Test, run

SHELL = "guest:/bin/shell"
SEED = 1
ALIVE = re.compile(r"^still alive$", re.M)


def image(context):
    with open(context.bare("status"), "rb") as file:
        return file.read()


def after(context, path, why):
    """Try to run the file from the shell, then something else."""
    commands = "/%s; echo still alive" % path.rsplit("/", 1)[1]
    program = Program(SHELL, ["-c", commands], files=[path])
    done = run(context, Machine(cpus=2), program)
    done.expect()
    done.expect_output(ALIVE)
    if why and not re.search(why, done.output + done.log):
        done.fail("nobody says %r" % why)
    return done


def as_first(context, path):
    """Start the file as the first program: refused, no panic."""
    done = run(context, Machine(cpus=1), Program(path))
    done.expect(outcome="no-program")
    done.expect_log("cannot start")


def truncated(context):
    whole = image(context)
    # The end of a file with debugging information is not loaded at all.
    for length in (0, 1, 40, 52, 60, 84, 200):
        path = context.write("cut%d" % length, whole[:length])
        after(context, path, None)
    as_first(context, context.write("cut", whole[:60]))


def not_a_program(context):
    as_first(context, context.write("text", b"#!/bin/sh\necho no\n"))
    after(context, context.write("text2", b"hello, I am no ELF\n"), "")


def over_the_kernel(context):
    source = compiler.TESTS + "/guest/overlay.c"
    words = ["-I" + compiler.TESTS + "/guest", "-Wl,-Ttext-segment=0xc0100000"]
    path = compiler.build("overlay", [source], words)
    done = after(context, path, None)
    if "started over" in done.output:
        done.fail("the program was started")
    as_first(context, path)


def mutated(context):
    """Headers with random bytes in them: any outcome but the kernel's end."""
    source, whole = random.Random(SEED), image(context)
    paths = []
    for index in range(40):
        data = bytearray(whole)
        for _ in range(source.randint(1, 6)):
            data[source.randrange(0, 52 + 4 * 32)] = source.randrange(256)
        paths.append(context.write("wild%d" % index, bytes(data)))
    names = ["/" + path.rsplit("/", 1)[1] for path in paths]
    commands = "; ".join(names + ["echo still alive"])
    done = run(
        context, Machine(cpus=2), Program(SHELL, ["-c", commands], files=paths)
    )
    done.expect()
    done.expect_output(ALIVE)


def initrd(data, name, warning=None):
    """A boot with this in place of the initrd; the program is our own."""

    def function(context):
        path = context.write(name.replace(" ", "-"), data)
        machine = Machine(cpus=1, initrd=path)
        done = run(context, machine, Program(context.bare("status"), ["3"]))
        done.expect(status=3)
        if warning:
            done.expect_log(warning)

    return Test("initrd " + name, function, "normal", 1)


def initrd_alone(data, name):
    """A boot with nothing but this: no program, said clearly, no panic."""

    def function(context):
        path = "none"
        if data is not None:
            path = context.write(name.replace(" ", "-"), data)
        done = run(context, Machine(cpus=2, initrd=path), Program())
        done.expect(outcome="no-program")
        done.expect_log("cannot start|no program")

    return Test("initrd " + name, function, "quick", 1)


def option(word, pattern):
    """A boot option that is wrong is reported, and the rest goes on."""

    def function(context):
        machine = Machine(cpus=1, options=word)
        done = run(context, machine, Program(context.bare("status"), ["0"]))
        done.expect()
        done.expect_log(pattern)

    return Test("option " + word, function, "normal", 1)


def tests():
    noise = random.Random(SEED).randbytes(100000)
    good = newc.archive([("a", 0o644, b"some text"), ("b", 0o644, b"more")])
    huge = good.replace(b"%08x" % 9, b"fffffff0", 1)
    found = [
        Test("bad ELF truncated", truncated, "normal", 4),
        Test("bad ELF not a program", not_a_program, "normal", 1),
        Test("bad ELF over the kernel", over_the_kernel, "quick", 1),
        Test("bad ELF mutated", mutated, "normal", 3),
        initrd_alone(noise, "of random bytes alone"),
        initrd_alone(None, "missing"),
        initrd(noise, "of random bytes", "warning: .*not a.*archive"),
        initrd(good[:130], "cut short", "warning:"),
        initrd(huge, "with a huge size", "warning:"),
        initrd(b"", "empty"),
        initrd(b"070701" + noise, "with a random header", "warning:"),
        option("colour=blue", 'warning: .*"colour=blue"'),
        option("lowmem=much", 'warning: .*"lowmem=much"'),
        option("lowmem=99999999999999999999", "warning: .*lowmem"),
        option("maxcpus=0", 'warning: .*"maxcpus=0"'),
        option("maxcpus=-3", "warning: .*maxcpus"),
        option("x" * 300, "warning:"),
        option("help", "lowmem"),
    ]
    return found
