# SPDX-License-Identifier: MIT
"""Commands for gdb that know Quartet: `source tools/gdb/quartet.py`.

tools/debug loads them by itself. They read the kernel's structures through its
debug information and page tables through physical memory, change nothing, and
work at any stop, in the middle of a half-done operation too: then they show
what is there, not what ought to be. `help quartet` lists them.
"""
import os
import sys

import gdb

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import quartet_gdb.frames  # noqa: E402,F401
import quartet_gdb.paging  # noqa: E402,F401
import quartet_gdb.session  # noqa: E402,F401
import quartet_gdb.system  # noqa: E402,F401
import quartet_gdb.tasks  # noqa: E402,F401
import quartet_gdb.ukva  # noqa: E402,F401
from quartet_gdb.command import names  # noqa: E402

# NASM's notation, and no question at every screenful of a table.
for setting in ("disassembly-flavor intel", "pagination off", "print pretty on"):
    gdb.execute("set " + setting)
print("Quartet's commands: %s (help quartet)" % " ".join(names()))
