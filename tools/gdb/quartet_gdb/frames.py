# SPDX-License-Identifier: MIT
"""The frame allocator and the slabs. Counts are added up from the zones and
the CPUs' caches as they are at this stop; between the two steps of somebody's
allocation they may be one frame off.
"""
import gdb

from .command import command, table
from .kernel import PAGE, address_of, chain, cpus, evaluate, register, static

ZONES = ("low", "high")
STATES = ("reserved", "free", "used")
FRAME_TABLE = 0xE0000000  # machine/layout.h
RECORD_BYTES = 16


def frame_record(number):
    """The record of a frame, None if the table does not reach so far."""
    if number * RECORD_BYTES >= int(evaluate("frame_table_bytes")):
        return None
    address = FRAME_TABLE + number * RECORD_BYTES
    return evaluate("*(struct frame *)%#x" % address)


def owner_text(address):
    """What the owner field points at, as far as it can be told."""
    if not address:
        return "no owner"
    for mm in chain(static("mm/mm.c", "all"), "all", "next"):
        for index in range(3):
            if address_of(mm["quarter"][index]) == address:
                return "quarter %d of MM %d" % (index, int(mm["id"]))
    return "owner %08x" % address


def frame_line(number):
    """One line about a frame."""
    record = frame_record(number)
    if record is None:
        return None
    state = int(record["state"])
    name = STATES[state] if state < len(STATES) else "state %d?" % state
    line = "%#x, %s, zone %s" % (number, name, ZONES[int(record["zone"]) & 1])
    if name != "used":
        return line
    line += ", references %d, pins %d, " % (
        int(record["references"]), int(record["pins"]))
    owner = address_of(record["owner"])
    line += owner_text(owner)
    if "quarter" in line:
        line += " at %08x" % (int(record["offset"]) * PAGE)
    return line


def one_frame(words):
    """frames NUMBER, frames -p PHYSICAL, frames -v VIRTUAL"""
    how = words.pop(0) if words[0] in ("-p", "-v") else ""
    if len(words) != 1:
        raise gdb.GdbError("frames [NUMBER | -p PHYSICAL | -v VIRTUAL]")
    value = int(evaluate(words[0]))
    if how == "-p":
        value >>= 12
    elif how == "-v":
        from .paging import Walk

        found = Walk(register("cr3"), value & 0xFFFFFFFF)
        if found.physical is None:
            raise gdb.GdbError("%08x is not mapped" % (value & 0xFFFFFFFF))
        value = found.physical >> 12
    line = frame_line(value)
    if not line:
        raise gdb.GdbError("frame %#x is beyond the frame table" % value)
    print("frame %s" % line)


def zone_row(index, zone, in_caches):
    never = sum(
        (int(zone["range"][i]["end"]) - int(zone["range"][i]["start"])) // PAGE
        for i in range(int(zone["ranges"]))
    )
    free = int(zone["free"])
    return [
        ZONES[index], int(zone["total"]), free + in_caches, free - never, never,
        in_caches, int(zone["reserve"]),
    ]


@command("frames")
def frames(words):
    """The frame allocator: frames [NUMBER | -p PHYSICAL | -v VIRTUAL]

    Without arguments both zones: all frames that were ever free, those free
    now (on the list of freed ones, in ranges never handed out, in the CPUs'
    caches), the reserve that user pages leave, and each CPU's cache. With a
    frame number, or -p and a physical or -v and a virtual address: the record
    of that frame."""
    if words:
        one_frame(words)
        return
    zones = static("mm/frame.c", "zones")
    caches = [cpu["frame_cache"] for cpu in cpus()]
    rows = []
    for index in range(len(ZONES)):
        cached = sum(int(cache["count"][index]) for cache in caches)
        rows.append(zone_row(index, zones[index], cached))
    titles = ["zone", "total", "free", "on list", "untouched", "in caches"]
    table(titles + ["reserve"], rows)
    for index, name in enumerate(ZONES):
        zone = zones[index]
        for i in range(int(zone["ranges"])):
            bounds = zone["range"][i]
            print("%-4s untouched %09x-%09x" % (
                name, int(bounds["start"]), int(bounds["end"]) - 1))
    for cpu, cache in zip(cpus(), caches):
        print("CPU %d caches %d low, %d high" % (
            int(cpu["index"]), int(cache["count"][0]), int(cache["count"][1])))
    print("frame table %d KiB" % (int(evaluate("frame_table_bytes")) // 1024))


@command("slabs")
def slabs(_words):
    """The caches of kernel objects: sizes, slabs, objects in use

    A slab is one low frame. `room` is how many objects the slabs of a cache
    could hold, `listed` how many of its slabs have a free object."""
    rows = []
    for cache in chain(static("mm/slab.c", "caches"), "next"):
        listed = sum(1 for _ in chain(cache["partial"], "next"))
        rows.append([
            cache["name"].string(), int(cache["size"]), int(cache["step"]),
            int(cache["slabs"]), listed, int(cache["objects"]),
            int(cache["slabs"]) * int(cache["capacity"]),
        ])
    titles = ["cache", "size", "step", "slabs", "listed", "objects", "room"]
    table(titles, rows)
