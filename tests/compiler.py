# SPDX-License-Identifier: MIT
"""Compiles what the suite itself brings: static programs without a C library
(tests/guest, as a student would build them on a Linux host), ordinary static
Linux programs with one (tests/linux, tests/libc), and the false kernel that
the host tests drive the runner with (tests/host/false_kernel)."""
import functools
import glob
import os
import shutil
import subprocess
import threading

TESTS = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(os.path.dirname(TESTS), "build")
OUTPUT = os.path.join(BUILD, "tests")
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


def newer(target, sources):
    """The target is there and newer than all that it is made from."""
    newest = max(os.path.getmtime(s) for s in list(sources) + [__file__])
    return os.path.exists(target) and os.path.getmtime(target) > newest


def make(target, words):
    """Run a compiler command with `-o target`; whole or not at all."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    made = "%s.%d.%d" % (target, os.getpid(), threading.get_ident())
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(words + ["-o", made], check=False, **how)
    if done.returncode:
        raise CompilerError(done.stdout.decode(errors="replace"))
    os.replace(made, target)
    return target


def build(target, sources, extra=()):
    """Compile and link, unless `target` is newer than its sources."""
    target = os.path.join(OUTPUT, target)
    if newer(target, sources):
        return target
    return make(target, [compiler()] + FLAGS + list(extra) + list(sources))


def bare_program(name):
    folder = os.path.join(TESTS, "guest")
    return build(name, [os.path.join(folder, name + ".c")], ["-I" + folder])


def false_kernel():
    folder = os.path.join(TESTS, "host")
    sources = [os.path.join(folder, "false_kernel.c")]
    return build("false_kernel", sources, ["-Wl,-N", "-Wl,-Ttext=0x100000"])


# --- With a C library ---------------------------------------------------------

LINUX_FLAGS = ["-static", "-O1", "-g", "-std=gnu11", "-pthread", "-Wall"]
LINUX_FLAGS += ["-Wextra"]
MUSL = os.path.join(BUILD, "musl", "usr")
MUSL_FLAGS = ["-nostdinc", "-fno-pie", "-no-pie", "-fno-stack-protector"]
MUSL_FLAGS += ["-isystem", os.path.join(MUSL, "include", "i386-linux-musl")]


class NoLibrary(Exception):
    """The C library is not installed; says which and how to get it."""


@functools.lru_cache(maxsize=None)
def asked(*words):
    """What a compiler answers to one of its -print options."""
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def glibc_words(source):
    try:
        gcc = compiler()
    except CompilerError as error:
        raise NoLibrary(str(error)) from None
    # A file that is not found is answered with its bare name.
    if not os.path.isabs(asked(gcc, "-print-file-name=libc.a")):
        raise NoLibrary("no static glibc for i386: tools/install extra")
    return [gcc] + LINUX_FLAGS + [source, "-lm"]


def musl_words(source):
    folder = os.path.join(MUSL, "lib", "i386-linux-musl")
    if not os.path.exists(os.path.join(folder, "libc.a")):
        raise NoLibrary("no musl for i386: tools/get-musl")
    gcc = glibc_words(source)[0]
    start, first, last = (
        os.path.join(folder, name) for name in ("crt1.o", "crti.o", "crtn.o")
    )
    own = ["-isystem", asked(gcc, "-print-file-name=include")]
    words = [gcc] + LINUX_FLAGS + MUSL_FLAGS + own + ["-nostdlib"]
    words += [start, first, source, os.path.join(folder, "libc.a")]
    return words + [asked(gcc, "-print-libgcc-file-name"), last]


LIBRARIES = {"glibc": glibc_words, "musl": musl_words}


def linux_program(source, library="glibc"):
    """A static Linux program from one source file; its path."""
    folder, name = os.path.split(os.path.splitext(source)[0])
    suffix = "" if library == "glibc" else "." + library
    target = os.path.join(BUILD, "linux", name + suffix)
    words = LIBRARIES[library](source)
    headers = glob.glob(os.path.join(folder, "*.h"))
    if newer(target, [source] + headers):
        return target
    return make(target, words)


def stripped(path):
    """A copy of a program without its debug information; its path."""
    target = os.path.join(OUTPUT, "stripped", os.path.basename(path))
    if newer(target, [path]):
        return target
    return make(target, [compiler()[:-3] + "strip", path])
