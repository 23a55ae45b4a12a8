# SPDX-License-Identifier: MIT
"""Machines: the same image on few and many CPUs, little and much memory, with
and without ACPI, through GRUB, on QEMU and on Bochs. The in-kernel self-tests
(the program /tests/selftest runs them all) are the load."""
import re

from harness import Machine, Program, Test, guest, run

SELFTEST = "guest:/tests/selftest"
SHELL = "guest:/bin/shell"
PASSED = re.compile(r"[1-9]\d* passed, 0 failed")

# build, emulator, CPUs, memory, boot options, tier
SELFTESTS = [
    ("release", "qemu", 1, "32M", "", "normal"),
    ("release", "qemu", 2, "512M", "", "normal"),
    ("release", "qemu", 4, "512M", "", "quick"),
    ("release", "qemu", 8, "512M", "", "normal"),
    ("release", "qemu", 4, "6G", "", "normal"),
    ("release", "qemu", 2, "256M", "lowmem=16", "normal"),
    ("release", "bochs", 1, "64M", "", "normal"),
    ("release", "bochs", 2, "64M", "", "normal"),
    ("debug", "qemu", 1, "32M", "", "quick"),
    ("debug", "qemu", 2, "256M", "lowmem=16", "normal"),
    ("debug", "qemu", 4, "512M", "", "normal"),
    ("debug", "qemu", 8, "6G", "", "normal"),
    ("debug", "bochs", 2, "64M", "", "normal"),
    ("debug", "bochs", 4, "128M", "lowmem=16", "full"),
]

# In-guest tests of what only Bochs models: cached PDPTEs, global entries.
ON_BOCHS = ("faults", "kernelmemory", "threads", "brk", "pointers")


def selftest(build, emulator, cpus, memory, options, tier):
    name = "selftests %s %s %dcpu %s" % (build, emulator, cpus, memory)
    keys = {"build": build, "emulator": emulator, "cpus": cpus}
    keys.update(memory=memory, options=options, output=PASSED)
    seconds = 8 if emulator == "bochs" else 2
    name += " " + options if options else ""
    return Test(name, guest(SELFTEST, **keys), tier, seconds)


def started(cpus, tier="normal", **keys):
    """Boots, and all CPUs run."""
    log = r"\b%d of %d CPUs started" % (cpus, cpus) if cpus > 1 else ()
    function = guest("status", "0", bare=True, cpus=cpus, log=log, **keys)
    words = ["boot %dcpu" % cpus]
    words += [str(value) for key, value in sorted(keys.items())]
    return Test(" ".join(words), function, tier, 6 if "emulator" in keys else 1)


def sees_all_memory(memory, least_mib):
    """`mem` shows at least so much."""

    def function(context):
        machine = Machine(cpus=2, memory=memory)
        done = run(context, machine, Program(SHELL, ["-c", "mem"]))
        done.expect()
        row = re.search(r"^all\s+([\d.]+) (KiB|MiB|GiB)", done.output, re.M)
        if not row:
            done.fail("mem prints no row `all`")
        unit = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[row[2]]
        if float(row[1]) * unit < least_mib:
            done.fail("mem shows %s %s" % (row[1], row[2]))

    return Test("mem %s" % memory, function, "normal", 2)


def little_memory(memory):
    """It boots, or says clearly why not; it does not fall silent."""

    def function(context):
        program = Program(context.bare("status"), ["0"])
        done = run(context, Machine(cpus=1, memory=memory), program, silence=5)
        if done.outcome == "exited":
            done.expect()
        elif "memory" not in done.log:
            done.fail("%s, and the log does not speak of memory" % done.outcome)

    return Test("little memory %s" % memory, function, "normal", 1)


def cpus_of(options, expected, *arguments):
    """With these options so many CPUs start."""
    name = " ".join(["cpus of", options] + list(arguments))
    log = "MP" if arguments or "acpi" in options else ()
    pattern = re.compile(r"^%d of \d+ running" % expected, re.M)
    keys = {"cpus": 4, "options": options, "arguments": list(arguments)}
    function = guest(SHELL, "-c", "cpus", output=pattern, log=log, **keys)
    return Test(name, function, "normal", 1)


def tests():
    found = [selftest(*line) for line in SELFTESTS]
    found += [started(cpus) for cpus in (1, 2, 4, 8, 16)]
    found += [started(32, "quick"), started(4, memory="24M")]
    found += [started(4, iso=True), started(2, iso=True, build="debug")]
    found += [started(8, memory="128M", emulator="bochs")]
    found += [started(4, memory="128M", emulator="bochs")]
    found += [started(2, memory="24M", emulator="bochs")]
    found += [sees_all_memory("24M", 20), sees_all_memory("512M", 500)]
    found += [sees_all_memory("6G", 6100), sees_all_memory("64G", 65100)]
    every_frame = guest(
        "guest:/tests/selftest", "frame_exhaustion_any", memory="64G", cpus=1
    )
    found.append(Test("64G allocated to the last frame", every_frame))
    found += [little_memory("8M"), little_memory("4M")]
    found += [cpus_of("maxcpus=2", 2), cpus_of("acpi=off", 4)]
    found += [cpus_of("maxcpus=1", 1)]
    found += [cpus_of("", 4, "-machine", "pc,acpi=off")]
    for name in ON_BOCHS:
        keys = {"cpus": 2, "memory": "64M", "emulator": "bochs"}
        function = guest("guest:/tests/" + name, **keys)
        found.append(Test("%s bochs 2cpu" % name, function, "normal", 8))
    return found
