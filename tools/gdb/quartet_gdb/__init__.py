# SPDX-License-Identifier: MIT
"""gdb commands for Quartet; loaded by tools/gdb/quartet.py."""
