# SPDX-License-Identifier: MIT
"""What the kernel says on its result line (COM3), and what a run came to.

The line belongs to the kernel alone: no program can write to it, so an exit
status cannot be forged by console text. The text is

    quartet-result 1
    outcome exited|signalled|panic|no-program|powered-off
    status N                (of the first two)
    frames-lost N
    counter NAME VALUE      (any number of lines)
    end

and counts only if the closing line is there.
"""

TIMEOUT, FAILED, NOT_STARTED = 124, 125, 126

# outcome: exit status of the runner, None where the guest's status decides
EXIT_STATUS = {
    "exited": None,  # the program's own status
    "signalled": None,  # 128 + the signal
    "powered-off": 0,  # by a program's own call
    "no-program": NOT_STARTED,  # the kernel could not start the program
    "timeout": TIMEOUT,
    "panic": FAILED,
    "hang": FAILED,  # a CPU stands still inside the kernel
    "reset": FAILED,  # the machine reset itself: a triple fault
    "boot-failed": FAILED,  # the kernel did not get as far as its log
    "emulator-failed": FAILED,
}
OF_THE_KERNEL = ("exited", "signalled", "panic", "no-program", "powered-off")


class Malformed(Exception):
    """The result line carries something that is not a result."""


def parse(text):
    """The result in `text` as a dict; None if it is not complete yet."""
    lines = text.decode("ascii", "replace").replace("\r", "").split("\n")
    if "end" not in lines[:-1]:
        return None
    if lines[0] != "quartet-result 1":
        raise Malformed("it begins with %r" % lines[0])
    result = {"outcome": None, "status": None, "frames_lost": 0, "counters": {}}
    for line in lines[1 : lines.index("end")]:
        words = line.split()
        try:
            if words[0] == "outcome" and words[1] in OF_THE_KERNEL:
                result["outcome"] = words[1]
            elif words[0] == "status":
                result["status"] = int(words[1])
            elif words[0] == "frames-lost":
                result["frames_lost"] = int(words[1])
            elif words[0] == "counter":
                result["counters"][words[1]] = int(words[2])
            else:
                raise Malformed("unknown line %r" % line)
        except (IndexError, ValueError):
            raise Malformed("broken line %r" % line) from None
    if result["outcome"] is None:
        raise Malformed("no outcome")
    if result["status"] is None and EXIT_STATUS[result["outcome"]] is None:
        raise Malformed("no status")
    return result


def exit_status(report):
    """What a runner exits with for this report."""
    status = EXIT_STATUS[report["outcome"]]
    if status is not None:
        return status
    if report["outcome"] == "signalled":
        return 128 + (report["status"] & 0x7F)
    return report["status"] & 0xFF
