# SPDX-License-Identifier: MIT
"""How a command is made of a function: its docstring is the help text, its
first line what `help quartet` shows. Errors while reading the guest become one
line, since a structure may well be broken when somebody debugs."""
import gdb

_commands = {}


def names():
    return sorted(_commands)


def command(name):
    """Decorator: the function takes the command's words as a list."""

    def register(function):
        class Command(gdb.Command):
            __doc__ = function.__doc__

            def __init__(self):
                super().__init__(name, gdb.COMMAND_DATA)

            def invoke(self, text, _from_tty):
                self.dont_repeat()
                try:
                    function(gdb.string_to_argv(text))
                except (gdb.MemoryError, gdb.error, RuntimeError) as error:
                    raise gdb.GdbError("%s: %s" % (name, error)) from None

        _commands[name] = (function.__doc__ or "").strip().split("\n")[0]
        return Command()

    return register


class Help(gdb.Command):
    """Quartet's commands. `help NAME` says more of each."""

    def __init__(self):
        super().__init__("quartet", gdb.COMMAND_DATA)

    def invoke(self, _text, _from_tty):
        for name in names():
            print("%-10s  %s" % (name, _commands[name]))


Help()


def table(titles, rows):
    """Print rows of texts under their titles; numbers to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    if not rows:
        print("none")
        return
    widths = [max(len(c) for c in column) for column in zip(titles, *rows)]
    right = [
        all(row[i].lstrip("-").isdigit() or row[i] == "-" for row in rows)
        for i in range(len(titles))
    ]
    for row in [titles] + rows:
        cells = [
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(row, widths, right)
        ]
        print("  ".join(cells).rstrip())
