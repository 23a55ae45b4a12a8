# SPDX-License-Identifier: MIT
"""The kernel's own alarms: each deadly self-test (tests/kernel/deadly.c) does
one forbidden thing, and passes only if the machine stops with the right words.
A check that no broken thing trips is not a check."""
from harness import Test, guest

# name, what the log must say, builds, tier
ALARMS = [
    (
        "stack",
        r"(?s)PANIC: kernel stack overflow in task 1 .selftest.*(  recurse\+.*){4}",
        "both",
    ),
    ("panic", r"(?s)PANIC: asked for by a test.*  sys_selftest\+", "both"),
    ("pointer", "PANIC: page fault: read of 00000008", "both"),
    ("user_page", "PANIC: page fault: read of 08048000", "both"),
    ("text", "PANIC: page fault: write of c01", "both"),
    ("data", "PANIC: page fault: execution of c0", "both"),
    ("lock_order", "lock order: outer is taken while inner is held", "debug"),
    ("free_twice", "PANIC: victims at .* freed twice", "debug"),
    ("red_zone", "PANIC: victims at .* written behind its end", "debug"),
    ("freed_object", "PANIC: victims at .* written after it was", "debug"),
    ("freed_frame", "PANIC: frame .* written after it was freed", "debug"),
    ("unflushed", "PANIC: assertion failed: frame->state == FRAME_USED", "debug"),
    (
        "skipped_cpu",
        "PANIC: TLB: CPU . is at generation 0 of MM .*at 00123000 in 1",
        "debug",
    ),
    ("undefined", "PANIC: undefined: 1 of .* shifted by", "debug"),
]


def alarm(name, words, debug, **machine):
    return guest(
        "guest:/tests/selftest",
        "deadly_" + name,
        outcome="panic",
        frames=False,
        log=words,
        build="debug" if debug else "release",
        **machine
    )


def hang(name, words):
    """No panic: the runner notices, and an NMI makes every CPU speak."""
    return guest(
        "guest:/tests/selftest",
        "deadly_" + name,
        outcome="hang",
        frames=False,
        log=words,
        build="debug",
        cpus=2,
        silence=4,
    )


def tests():
    found = []
    for name, words, builds in ALARMS:
        function = alarm(name, words, True, cpus=2)
        found.append(Test("alarm %s debug" % name, function))
        if builds == "both":
            function = alarm(name, words, False, cpus=1)
            found.append(Test("alarm %s release" % name, function))
    where = r"selftest_body_deadly_hang\+"
    found.append(Test("alarm hang", hang("hang", [where, "CPU 0", "CPU 1"])))
    held = [r"spin_lock\+", "holds held for ever"]
    found.append(Test("alarm lock hang", hang("lock_hang", held)))
    # What QEMU does in software, Bochs does as the manual says.
    for name, words, _ in (ALARMS[0], ALARMS[5]):
        function = alarm(name, words, False, cpus=2, emulator="bochs")
        found.append(Test("alarm %s bochs" % name, function, seconds=6))
    return found
