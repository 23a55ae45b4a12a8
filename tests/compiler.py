# SPDX-License-Identifier: MIT
"""Compiles what the suite itself brings: static programs without a C library
(tests/guest, as a student would build them on a Linux host) and the false
kernel that the host tests drive the runner with (tests/host/false_kernel)."""
import os
import shutil
import subprocess
import threading

TESTS = os.path.dirname(os.path.abspath(__file__))
OUTPUT = os.path.join(os.path.dirname(TESTS), "build", "tests")
PREFIXES = ("i686-linux-gnu-", "i686-elf-")
FLAGS = ["-m32", "-O1", "-g", "-std=gnu11", "-ffreestanding", "-static"]
FLAGS += ["-nostdlib", "-fno-pic", "-fno-pie", "-fno-stack-protector"]
FLAGS += ["-fcf-protection=none", "-fno-asynchronous-unwind-tables"]
FLAGS += ["-Wall", "-Wextra", "-Wl,--build-id=none", "-Wl,-z,noexecstack"]


class CompilerError(Exception):
    """It does not compile, or there is no compiler."""


def compiler():
    """The cross compiler: that of CROSS=, else the first one found."""
    for prefix in [os.environ["CROSS"]] if "CROSS" in os.environ else PREFIXES:
        if shutil.which(prefix + "gcc"):
            return prefix + "gcc"
    raise CompilerError("no i686 cross compiler: make doctor")


def build(target, sources, extra=()):
    """Compile and link, unless `target` is newer than its sources."""
    target = os.path.join(OUTPUT, target)
    newest = max(os.path.getmtime(s) for s in list(sources) + [__file__])
    if os.path.exists(target) and os.path.getmtime(target) > newest:
        return target
    os.makedirs(OUTPUT, exist_ok=True)
    made = "%s.%d.%d" % (target, os.getpid(), threading.get_ident())
    words = [compiler()] + FLAGS + list(extra) + ["-o", made] + list(sources)
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(words, check=False, **how)
    if done.returncode:
        raise CompilerError(done.stdout.decode(errors="replace"))
    os.replace(made, target)
    return target


def bare_program(name):
    folder = os.path.join(TESTS, "guest")
    return build(name, [os.path.join(folder, name + ".c")], ["-I" + folder])


def false_kernel():
    folder = os.path.join(TESTS, "host")
    sources = [os.path.join(folder, "false_kernel.c")]
    return build("false_kernel", sources, ["-Wl,-N", "-Wl,-Ttext=0x100000"])
