# SPDX-License-Identifier: MIT
"""The kernel's structures as Python sees them, and physical memory.

Physical memory is read with QEMU's packets, not with gdb's own commands: gdb
cuts addresses to 32 bits, and page tables may lie above 4 GiB.
"""
import re

import gdb

PAGE = 4096
STACK_PAGES = 2  # of a task's kernel stack: KERNEL_STACK_PAGES
UKVA_START, SELF_MAP = 0xF5000000, 0xFF800000  # machine/layout.h
LABEL_BYTES = 64  # from such a label to the code behind it, at most
PACKET_BYTES = 1024  # QEMU's packets hold 4096 characters, two for a byte
RECEIVED = re.compile(r'received: "([^"]*)"')


def evaluate(text):
    return gdb.parse_and_eval(text)


def static(file, name):
    """A variable that is private to a source file."""
    return evaluate("'%s'::%s" % (file, name))


def address_of(pointer):
    """A pointer's value as a number."""
    return int(pointer) & 0xFFFFFFFF


def text_of(array):
    """A character array up to its zero byte."""
    return array.string(errors="replace")


def chain(pointer, *path):
    """Follow a link, member by member, from a pointer, at most so far."""
    for _ in range(100000):
        if not address_of(pointer):
            return
        yield pointer
        for member in path:
            pointer = pointer[member]


def in_order(tree):
    """The areas of a tree, ascending."""
    if address_of(tree):
        yield from in_order(tree["low"])
        yield tree
        yield from in_order(tree["high"])


def has_field(structure, name):
    return any(field.name == name for field in structure.type.fields())


def cpus():
    """Pointers to the records of the CPUs that exist so far."""
    count = int(evaluate("cpu_count"))
    records = evaluate("cpus")
    found = (records[i] for i in range(count))
    return [record for record in found if address_of(record)]


def online(cpu):
    return bool(int(evaluate("cpus_online")) >> int(cpu["index"]) & 1)


def threads():
    """gdb's threads, which are QEMU's CPUs, in their order."""
    return sorted(gdb.selected_inferior().threads(), key=lambda t: t.num)


def cpu_of_thread(thread):
    """The record of the CPU that a thread is; None if it has none yet. QEMU
    numbers threads by APIC number, the kernel counts in its own order."""
    for cpu in cpus():
        if int(cpu["apic_id"]) == thread.num - 1:
            return cpu
    return None


class Selected:
    """With-block in which another thread is the current one."""

    def __init__(self, thread):
        self._thread = thread

    def __enter__(self):
        self._before, self._frame = gdb.selected_thread(), gdb.selected_frame()
        self._thread.switch()

    def __exit__(self, *unused):
        self._before.switch()
        if self._frame.is_valid():
            self._frame.select()


def register(name):
    return int(evaluate("$" + name)) & 0xFFFFFFFF


def is_user():
    """Whether the selected CPU runs a program."""
    return register("cs") & 3 == 3


def mms():
    """Pointers to all MMs, newest first."""
    return list(chain(static("mm/mm.c", "all"), "all", "next"))


def mm_by_number(text):
    """The MM with that number; an error if there is none."""
    number = int(evaluate(text))
    for mm in mms():
        if int(mm["id"]) == number:
            return mm
    raise gdb.GdbError("no MM has the number %d" % number)


def current_mm():
    """What the selected CPU has loaded: a pointer, NULL or None."""
    cpu = cpu_of_thread(gdb.selected_thread())
    return cpu["mm"] if cpu is not None else None


def symbol(address):
    """function+offset, or just the number. Labels that NASM makes up for its
    macros hide the function that they lie in: then it is some bytes before."""
    for back in range(LABEL_BYTES):
        text = gdb.execute("info symbol %#x" % (address - back), to_string=True)
        if not text.startswith((".", "No symbol")):
            name, _, offset = text.split(" in section")[0].partition(" + ")
            offset = int(offset or 0) + back
            return "%s+%d" % (name.strip(), offset) if offset else name.strip()
    return "%08x" % address


def place(address):
    """function+offset (file:line) of a code address."""
    line = gdb.find_pc_line(address)
    where = " (%s:%d)" % (line.symtab.filename, line.line) if line.symtab else ""
    return symbol(address) + where


def packet(text):
    """The stub's answer to a raw packet."""
    answer = gdb.execute("maintenance packet " + text, to_string=True)
    found = RECEIVED.search(answer)
    if not found or found[1].startswith("E") or not found[1]:
        raise RuntimeError("the emulator refuses %s" % text)
    return found[1]


def read_physical(address, size):
    """Bytes at a physical address, wherever it lies."""
    parts = []
    packet("Qqemu.PhyMemMode:1")
    try:
        while size:
            count = min(size, PACKET_BYTES)
            parts.append(bytes.fromhex(packet("m%x,%x" % (address, count))))
            address += count
            size -= count
    finally:
        packet("Qqemu.PhyMemMode:0")
    return b"".join(parts)


def read_virtual(address, size):
    """Through the tables that the selected CPU has loaded."""
    return bytes(gdb.selected_inferior().read_memory(address, size))
