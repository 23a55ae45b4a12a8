# SPDX-License-Identifier: MIT
"""The guest's console from inside gdb. tools/debug keeps what the guest prints
in a file and passes on what is written into a named pipe; both lie in the
folder that QUARTET_SESSION names. Without tools/debug there is no session."""
import os

import gdb

from .command import command
from .kernel import evaluate

LINES = 24


def path(name):
    folder = os.environ.get("QUARTET_SESSION")
    if not folder:
        raise gdb.GdbError("only under tools/debug")
    return os.path.join(folder, name)


@command("console")
def console(words):
    """What the guest has printed: console [LINES]"""
    count = int(evaluate(words[0])) if words else LINES
    with open(path("console"), encoding="utf-8", errors="replace") as file:
        lines = file.read().replace("\r", "").split("\n")
    print("\n".join(lines[-count:]))


def write_keys(data):
    with open(path("keys"), "wb", buffering=0) as file:
        file.write(data)


class Type(gdb.Command):
    """Type a line on the guest's console: type TEXT

    The guest takes it when it runs on: `type tasks`, then `continue`."""

    def __init__(self):
        super().__init__("type", gdb.COMMAND_DATA)

    def invoke(self, text, _from_tty):
        self.dont_repeat()
        write_keys(text.encode() + b"\r")


Type()


def end_guest(*_unused):
    """Else gdb's end would let the guest run on for a moment."""
    try:
        gdb.execute("kill", to_string=True)
    except gdb.error:
        pass  # it has ended


if os.environ.get("QUARTET_SESSION") and hasattr(gdb.events, "gdb_exiting"):
    gdb.execute("set confirm off")
    gdb.events.gdb_exiting.connect(end_guest)
