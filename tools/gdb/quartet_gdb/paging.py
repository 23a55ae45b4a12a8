# SPDX-License-Identifier: MIT
"""Page tables: `walk` shows every level of one address, `areas` and `mms` what
an MM is made of (its kernel region: ukva.py). The tables are read as the hardware's walker reads them, by
physical address from CR3 on, so what they show is what a TLB miss would find;
what a TLB still holds no debugger can tell.
"""
import os
import re
import struct

import gdb

from .command import command, table
from .kernel import (
    PAGE, SELF_MAP, UKVA_START, address_of, current_mm, in_order, evaluate,
    mm_by_number, mms, place, read_physical, read_virtual, register,
)

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
LAYOUT = os.path.join(TREE, "arch", "i386", "machine", "layout.h")
# A line of the drawing in layout.h: range, user and kernel permission, name.
DRAWN = re.compile(r"^ \*\s+([0-9a-f]{8})-([0-9a-f]{8})\s+\S+\s+\S+\s+(.*)$", re.M)

PRESENT, WRITE, USER, LARGE, NX = 1, 2, 4, 128, 1 << 63
ADDRESS = 0x000FFFFFFFFFF000
BITS = ((0, "P"), (1, "RW"), (2, "US"), (3, "PWT"), (4, "PCD"), (5, "A"))
BITS += ((6, "D"), (7, "PS"), (8, "G"), (63, "NX"))
# A PDPT entry has no others (SDM vol. 3, table 4-8); QEMU sets A in memory.
ROOT_BITS = ((0, "P"), (3, "PWT"), (4, "PCD"), (5, "A"))
CR0_PAGING = 1 << 31
USER_END = 0xC0000000


def region(address):
    """The name that the drawing in layout.h has for an address."""
    try:
        with open(LAYOUT, encoding="ascii") as file:
            drawing = file.read()
    except OSError:
        return "(no %s)" % LAYOUT
    for first, last, name in DRAWN.findall(drawing):
        if int(first, 16) <= address <= int(last, 16):
            return re.sub(r"\s*[\\/>].*$", "", name) or name
    return "?"


def decode(entry, bits):
    return " ".join(name for bit, name in bits if entry >> bit & 1) or "-"


class Walk:
    """One walk: its levels, and where it ended."""

    def __init__(self, root, address):
        self.levels = []  # (name, index, physical address, entry)
        self.physical = None  # of the byte, if mapped
        self.size = 0
        self.allows = WRITE | USER | NX  # NX kept inverted: may execute
        entry = self._level("PDPT", root & ~31, address >> 30, 8)
        if not entry & PRESENT:
            return
        entry = self._level("PD", entry & ADDRESS, address >> 21 & 511, 8)
        if not self._permit(entry):
            return
        if entry & LARGE:
            self._end(entry, address, 1 << 21)
            return
        entry = self._level("PT", entry & ADDRESS, address >> 12 & 511, 8)
        if self._permit(entry):
            self._end(entry, address, PAGE)

    def _level(self, name, base, index, size):
        where = base + index * size
        entry = struct.unpack("<Q", read_physical(where, size))[0]
        self.levels.append((name, index, where, entry))
        return entry

    def _permit(self, entry):
        """A right must be given at every level."""
        self.allows &= entry ^ NX
        return entry & PRESENT

    def _end(self, entry, address, size):
        self.size = size
        self.physical = (entry & ADDRESS & ~(size - 1)) | (address & (size - 1))

    def rights(self):
        who = "user and kernel" if self.allows & USER else "kernel only"
        what = ["read"]
        what += ["write"] if self.allows & WRITE else []
        what += ["execute"] if self.allows & NX else []
        return "%s: %s" % (who, ", ".join(what))


def read_in(mm, address, size):
    """Bytes of one page at a kernel address as an MM sees it, loaded or not;
    None where nothing is mapped. NULL stands for what all MMs share."""
    if address < UKVA_START:
        try:
            return read_virtual(address, size)
        except gdb.MemoryError:
            return None
    if not address_of(mm):
        return None
    found = Walk(int(mm["tables"]["cr3"]), address).physical
    return None if found is None else read_physical(found, size)


def mm_of_root(root):
    for mm in mms():
        if int(mm["tables"]["cr3"]) == root:
            return mm
    return None


def root_owner(root):
    """Whose root this is."""
    mm = mm_of_root(root)
    if mm is not None:
        return "MM %d" % int(mm["id"])
    if int(evaluate("kernel_cr3")) == root:
        return "the kernel's own"
    return "not of an MM: the boot tables?"


def describe_frame(physical):
    from .frames import frame_line

    number = physical >> 12
    line = frame_line(number)
    return line if line else "frame %#x has no record" % number


def shown_there(root, address):
    """What lies at an address of the MM's own: a line, or none."""
    from .ukva import item_at

    if address >= SELF_MAP:
        yield self_map_text(address)
    elif address >= UKVA_START and mm_of_root(root) is not None:
        item = item_at(mm_of_root(root), address)
        yield item.text if item else "nothing: the address is not taken"


def self_map_text(address):
    """The entry that the self map shows at an address: those of the tables, in
    order of what they map, and at the end those of the four directories."""
    mapped = (address - SELF_MAP) // 8 * PAGE
    if mapped < SELF_MAP:
        return "PT entry of %08x" % mapped
    mapped = (mapped - SELF_MAP) // 8 * PAGE
    if mapped < SELF_MAP:
        return "PD entry of %08x" % mapped
    return "PD entry of %08x, of the self map itself" % mapped


@command("walk")
def walk(words):
    """Walk the page tables for an address: walk ADDRESS [MM]

    Every level with its entry's place, value and flags, then the physical
    address, what the levels together allow, and the frame. The root is the
    selected CPU's CR3 (choose a CPU with `thread N`) or that of the MM with
    the given number (see `mms`)."""
    if len(words) not in (1, 2):
        raise gdb.GdbError("walk ADDRESS [MM]")
    address = int(evaluate(words[0])) & 0xFFFFFFFF
    if len(words) == 2:
        root = int(mm_by_number(words[1])["tables"]["cr3"])
    elif not register("cr0") & CR0_PAGING:
        raise gdb.GdbError("paging is off on this CPU")
    else:
        root = register("cr3")
    print("address   %08x  %s" % (address, region(address)))
    for line in shown_there(root, address):
        print("shows     " + line)
    print("root      %08x  %s" % (root, root_owner(root)))
    result = Walk(root, address)
    for name, index, where, entry in result.levels:
        bits = decode(entry, ROOT_BITS if name == "PDPT" else BITS)
        label = "%s[%d]" % (name, index)
        print("%-9s %016x at %09x  %s" % (label, entry, where, bits))
    if result.physical is None:
        print("not mapped")
        return
    size = "2 MiB" if result.size > PAGE else "4 KiB"
    print("physical  %09x  in a page of %s" % (result.physical, size))
    print("allows    %s" % result.rights())
    print("frame     %s" % describe_frame(result.physical))
    if address >= USER_END and result.allows & NX:
        print("code      %s" % place(address))


def resident(mm, start, end):
    """How many pages of [start, end) are mapped."""
    root, count = int(mm["tables"]["cr3"]), 0
    while start < end:
        found = Walk(root, start)
        if len(found.levels) < 3:  # no table: on to the next 2 MiB
            start = (start | 0x1FFFFF) + 1
            continue
        name, index, where, _ = found.levels[2]
        pages = min(512 - index, (end - start) // PAGE)
        data = read_physical(where, pages * 8)
        entries = struct.unpack("<%dQ" % pages, data)
        count += sum(entry & PRESENT for entry in entries)
        start += pages * PAGE
    return count


def area_rights(flags):
    """AREA_READ, AREA_WRITE, AREA_EXECUTE, AREA_SHARED"""
    return "".join(c if flags & 1 << i else "-" for i, c in enumerate("rwxs"))


@command("areas")
def areas(words):
    """The areas of an MM, quarter by quarter: areas [MM]

    What a program may use and how much of it is there already. Without a
    number: the MM that the selected CPU has loaded."""
    mm = mm_by_number(words[0]) if words else current_mm()
    if mm is None or not address_of(mm):
        raise gdb.GdbError("this CPU has the kernel's own root: areas MM")
    rows = []
    for index in range(3):
        for area in in_order(mm["quarter"][index]["areas"]):
            start, end = int(area["start"]), int(area["end"])
            rows.append([
                index, "%08x-%08x" % (start, end - 1),
                area_rights(int(area["flags"])), (end - start) // PAGE,
                resident(mm, start, end),
            ])
    print("MM %d, break %08x" % (int(mm["id"]), int(mm["break_end"])))
    table(["quarter", "range", "allows", "pages", "resident"], rows)


def cpu_list(mask):
    return ",".join(str(i) for i in range(32) if mask >> i & 1) or "-"


@command("mms")
def show_mms(_words):
    """All MMs: users, root, the CPUs that may cache them, areas, pages, tables

    `users` use its areas, `held` is how many tasks stand in it, and one for
    all users. `tables` counts directories too and says how many are low. `ukva
    NUMBER` shows its kernel region, `areas NUMBER` the program's areas, `walk
    ADDRESS NUMBER` looks an address up in it."""
    rows = []
    for mm in mms():
        quarters = [mm["quarter"][i] for i in range(3)]
        tables = mm["tables"]
        rows.append([
            int(mm["id"]), int(mm["users"]), int(mm["holders"]),
            "%08x" % int(tables["cr3"]), cpu_list(int(mm["cpus"])),
            sum(int(q["area_count"]) for q in quarters),
            sum(int(q["pages"]) for q in quarters),
            int(tables["tables"]) + int(tables["kernel_tables"]) + 4,
            int(tables["low"]), int(mm["ukva"]["pages"]),
        ])
    titles = ["mm", "users", "held", "cr3", "cpus", "areas", "pages", "tables"]
    table(titles + ["low", "ukva pages"], rows)
