# SPDX-License-Identifier: MIT
"""What concerns the kernel as a whole: counters, the log, locks."""
import re

import gdb

from .command import command, table
from .kernel import (
    address_of, chain, cpus, evaluate, has_field, mms, read_virtual, static,
    text_of,
)

MASK64 = (1 << 64) - 1
LOCK_NAME = re.compile(r"struct spinlock (\w+);")


@command("counters")
def counters(words):
    """The event counters, all CPUs added up: counters [-z] [PREFIX]

    -z leaves out those that are zero, PREFIX takes those whose names begin
    with it. kernel/abi/counters.h says what each counts."""
    used_only = "-z" in words
    prefix = "".join(word for word in words if word != "-z")
    records = [cpu["counters"]["value"] for cpu in cpus()]
    rows = []
    for field in gdb.lookup_type("enum counter").fields():
        name = field.name.replace("COUNTER_", "")
        if field.name == "COUNTERS" or not name.startswith(prefix):
            continue
        each = [int(values[field.enumval]) for values in records]
        if sum(each) or not used_only:
            rows.append([name, sum(each) & MASK64] + each)
    table(["counter", "all"] + ["CPU %d" % i for i in range(len(records))], rows)


@command("log")
def log(words):
    """The kernel's log: log [LINES]

    From the ring in memory, so it is there without a serial line, too."""
    ring, written = static("kernel/log.c", "ring"), static("kernel/log.c", "written")
    size, end = ring.type.sizeof, int(written)
    data = read_virtual(address_of(ring.address), size)
    kept = data[:end] if end <= size else data[end % size :] + data[: end % size]
    lines = kept.decode("ascii", "replace").split("\n")[:-1]
    count = int(evaluate(words[0])) if words else len(lines)
    for line in lines[-count:] if count else []:
        print(line)


def holder(mutex):
    owner = mutex["owner"]
    if not address_of(owner):
        return None
    return "task %d (%s)" % (int(owner["tid"]), text_of(owner["name"]))


def taken(lock):
    return int(lock["held"]) != 0


def global_locks():
    """Spin locks that are variables of their own, with the names of files."""
    text = gdb.execute("info variables -q -t spinlock", to_string=True)
    file = ""
    for line in text.split("\n"):
        if line.startswith("File "):
            file = line[5:].rstrip(":")
        found = LOCK_NAME.search(line)
        if found:
            yield static(file, found[1])


def all_locks():
    yield from global_locks()
    for zone in range(2):
        yield static("mm/frame.c", "zones")[zone]["lock"]
    for cache in chain(static("mm/slab.c", "caches"), "next"):
        yield cache["lock"]
    for cpu in cpus():
        yield cpu["queue"]["lock"]
        yield cpu["timers"]["lock"]


def show_held():
    """Debug builds note what each CPU holds, in the order taken."""
    for cpu in cpus():
        if not has_field(cpu.dereference(), "held"):
            print("The release build does not note which CPU holds what.")
            return
        held = cpu["held"]
        found = [held["lock"][i]["name"].string() for i in range(int(held["count"]))]
        print("CPU %d holds %s" % (int(cpu["index"]), ", ".join(found) or "nothing"))


@command("locks")
def locks(_words):
    """Locks: what each CPU holds, what is taken, who owns MMs and quarters

    In debug builds the spin locks that each CPU holds, outermost first. In all
    builds every spin lock that is taken now, and the owner of each MM's and quarter's sleeping lock."""
    show_held()
    for lock in all_locks():
        if taken(lock):
            print("taken: %s at %08x" % (
                lock["name"].string(), address_of(lock.address)))
    for mm in mms():
        if holder(mm["lock"]):
            print("MM %d: %s" % (int(mm["id"]), holder(mm["lock"])))
        for index in range(3):
            owner = holder(mm["quarter"][index]["lock"])
            if owner:
                print("MM %d, quarter %d: %s" % (int(mm["id"]), index, owner))
