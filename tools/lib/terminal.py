# SPDX-License-Identifier: MIT
"""A person's terminal as the guest's console: raw, and always restored.

In raw mode Ctrl-C belongs to the guest, so there is another way out, the one
that QEMU's users know: Ctrl-A X. Ctrl-A twice sends one Ctrl-A.
"""
import os
import termios
import tty

ESCAPE = 0x01
HINT = "guest: Ctrl-A X ends the guest\n"


class Keys:
    """Takes the way out from what is typed."""

    def __init__(self):
        self._escaped = False

    def __call__(self, data):
        """The bytes for the guest; None if the user wants to leave."""
        out = bytearray()
        for byte in data:
            if self._escaped:
                self._escaped = False
                if byte in b"xX":
                    return None
                out.append(byte)
            elif byte == ESCAPE:
                self._escaped = True
            else:
                out.append(byte)
        return bytes(out)


class Raw:
    """With-block in which the terminal passes every key on."""

    def __init__(self, descriptor):
        self._descriptor = descriptor

    def __enter__(self):
        self._saved = termios.tcgetattr(self._descriptor)
        tty.setraw(self._descriptor)
        return self

    def __exit__(self, *unused):
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._saved)


def is_terminal(descriptor):
    return os.isatty(descriptor)
