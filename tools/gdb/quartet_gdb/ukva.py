# SPDX-License-Identifier: MIT
"""The kernel region that belongs to an MM: what lies at which address of it.
Kernel stacks are known by the tasks that have them and by the list of those
kept for reuse, slots by their pool; what else the region's allocator has given
away is listed as it is. All of it is read through the MM's own tables.
"""
import struct

import gdb

from .command import command, table
from .kernel import (
    PAGE, SELF_MAP, STACK_PAGES, UKVA_START, address_of, chain, current_mm,
    evaluate, in_order, mm_by_number, read_physical, text_of,
)
from .paging import ADDRESS, PRESENT, Walk, read_in

POOL_SLOTS = 256
LARGE = 1 << 21


class Item:
    """Pages of the region, with the guard page below them."""

    def __init__(self, start, pages, text):
        self.start, self.end = start, start + pages * PAGE
        self.pages, self.text = pages, text

    def holds(self, address):
        return self.start <= address < self.end


def bits(words):
    return sum(int(words[i]) << 32 * i for i in range(POOL_SLOTS // 32))


def pool_text(pool):
    """Slots by state, as mm/slots.h names them."""
    taken, stale = bits(pool["taken"]), bits(pool["stale"])
    cleared = bits(pool["cleared"])
    names = (
        ("held", taken & ~stale & ~cleared), ("stale", stale),
        ("cleared", cleared), ("clean", ~taken & (1 << POOL_SLOTS) - 1),
    )
    states = ", ".join("%d %s" % (bin(found).count("1"), name)
                       for name, found in names)
    return "slots for temporary mappings: %s; half %d in use" % (
        states, int(pool["word"]) // (POOL_SLOTS // 64))


def kept(mm):
    """Stacks kept for reuse: the first word of each leads to the next."""
    stack = int(mm["ukva"]["kept"])
    for _ in range(int(mm["ukva"]["kept_count"])):
        if not stack:
            return
        yield stack
        stack = int.from_bytes(read_in(mm, stack, 4) or b"", "little")


def items(mm):
    """All that lies in the region of an MM and is known by name."""
    for task in chain(evaluate("tasks"), "all", "next"):
        stack = int(task["stack"])
        if address_of(task["mm"]) == address_of(mm) and stack >= UKVA_START:
            text = "stack of task %d (%s)" % (int(task["tid"]), text_of(task["name"]))
            yield Item(stack, STACK_PAGES, text)
    ukva = mm["ukva"]
    for stack in kept(mm):
        yield Item(stack, STACK_PAGES, "stack kept for the next task")
    if int(ukva["slots"]["start"]):
        yield Item(int(ukva["slots"]["start"]), POOL_SLOTS, pool_text(ukva["slots"]))


def with_guards(found):
    for item in found:
        yield Item(item.start - PAGE, 1, "guard page of the " + item.text)
        yield item


def others(mm, known):
    """What is taken and has no name."""
    known = sorted(with_guards(known), key=lambda item: item.start)
    for area in in_order(mm["ukva"]["areas"]):
        at, end = int(area["start"]), int(area["end"])
        inside = [item for item in known if at <= item.start < end]
        for item in inside + [Item(end, 0, "")]:
            if at < item.start:
                yield Item(at, (item.start - at) // PAGE, "taken, nobody's by name")
            at = item.end


def item_at(mm, address):
    """What an address of the region belongs to, None if it is not taken."""
    known = list(items(mm))
    for item in list(with_guards(known)) + list(others(mm, known)):
        if item.holds(address):
            return item
    return None


def mapped(mm, item):
    root = int(mm["tables"]["cr3"])
    return sum(
        Walk(root, item.start + i * PAGE).physical is not None
        for i in range(item.pages)
    )


def directory_entries(mm, start, end):
    """The top directory's entries for [start, end), and where they lie."""
    top = Walk(int(mm["tables"]["cr3"]), start).levels[1][2]
    count = (end - start) // LARGE
    return struct.unpack("<%dQ" % count, read_physical(top, count * 8))


def table_rows(mm):
    """The page tables that map the region, and the directories seen at its end."""
    for i, entry in enumerate(directory_entries(mm, UKVA_START, SELF_MAP)):
        if entry & PRESENT:
            start, where = UKVA_START + i * LARGE, entry & ADDRESS
            used = struct.unpack("<512Q", read_physical(where, PAGE))
            count = sum(1 for word in used if word & PRESENT)
            text = "page table at %09x, %d entries present" % (where, count)
            yield ["%08x-%08x" % (start, start + LARGE - 1), "-", "-", text]
    for q, entry in enumerate(directory_entries(mm, SELF_MAP, 1 << 32)):
        start = SELF_MAP + q * LARGE
        text = "self map: tables of quarter %d, by its directory at %09x" % (
            q, entry & ADDRESS)
        yield ["%08x-%08x" % (start, start + LARGE - 1), "-", "-", text]


@command("ukva")
def ukva(words):
    """The kernel region that belongs to an MM: ukva [MM]

    Each stack with the task whose it is, stacks kept for reuse, the slots for
    temporary mappings by state, the page tables of the region, and the self
    map. A guard page lies below each range; one that is mapped is reported.
    Without a number: the MM that the selected CPU has loaded."""
    mm = mm_by_number(words[0]) if words else current_mm()
    if mm is None or not address_of(mm):
        raise gdb.GdbError("this CPU has the kernel's own root: ukva MM")
    known = list(items(mm))
    rows, bad = [], []
    for item in sorted(known + list(others(mm, known)), key=lambda i: i.start):
        rows.append([
            "%08x-%08x" % (item.start, item.end - 1), item.pages,
            mapped(mm, item), item.text,
        ])
    for item in with_guards(known):
        if item.text.startswith("guard") and mapped(mm, item):
            bad.append("%08x is mapped: %s" % (item.start, item.text))
    print("MM %d, %d pages mapped to frames of its own" % (
        int(mm["id"]), int(mm["ukva"]["pages"])))
    table(["range", "pages", "mapped", "what"], rows + list(table_rows(mm)))
    print("\n".join(bad) if bad else "no guard page is mapped")
