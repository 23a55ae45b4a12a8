# SPDX-License-Identifier: MIT
"""Tasks and CPUs: who runs where, and where the others sleep.

A task that does not run has its registers on its kernel stack: switch.asm has
pushed EDI, ESI, EBX, EBP and the return address at stack_pointer. From there
the chain of frame pointers leads up, as in the kernel's own backtraces. The
stack may lie in the MM's own kernel region, where other MMs have other stacks
at the same addresses: it is read through the tables of the task's MM, never
through those that some CPU happens to have loaded.
"""
import gdb

from .command import command, table
from .kernel import (
    PAGE, STACK_PAGES, Selected, address_of, chain, cpu_of_thread, cpus,
    evaluate, is_user, online, place, register, text_of, threads,
)
from .paging import read_in

SAVED_EBP, SAVED_EIP = 12, 16  # from stack_pointer
DEPTH = 24
STATES = {0: "ready", 1: "blocked", 2: "ended"}
# Where a sleeper's story begins: below these it is always the same.
PLUMBING = ("sched_", "context_", "switch", "wait_", "mutex_", "enqueue")


def all_tasks():
    return list(chain(evaluate("tasks"), "all", "next"))


def running_on(task):
    """The CPU whose current task this is, or None."""
    for cpu in cpus():
        if address_of(cpu["current"]) == address_of(task):
            return cpu
    return None


class Stack:
    """The kernel stack of a task, as its MM sees it."""

    def __init__(self, task):
        self._mm, self._start = task["mm"], int(task["stack"])
        self.top = self._start + STACK_PAGES * PAGE
        self._pages = {}

    def word(self, address):
        """32 bits, None where there are none."""
        if not self._start <= address <= self.top - 4:
            return None
        page = address & -PAGE
        if page not in self._pages:
            self._pages[page] = read_in(self._mm, page, PAGE)
        data, at = self._pages[page], address - page
        return None if data is None else int.from_bytes(data[at : at + 4], "little")


def saved_places(task):
    """Code addresses on the stack of a task that does not run."""
    stack, pointer = Stack(task), int(task["stack_pointer"])
    eip, ebp = stack.word(pointer + SAVED_EIP), stack.word(pointer + SAVED_EBP)
    found = []
    while eip and len(found) < DEPTH:
        found.append(eip)
        if ebp is None or not pointer < ebp < stack.top:
            break
        pointer = ebp
        eip, ebp = stack.word(pointer + 4), stack.word(pointer)
    return found


def is_plumbing(name):
    return name.startswith(PLUMBING)


def where(task):
    """In a few words: what a task is doing."""
    if STATES.get(int(task["state"])) == "ended":
        return ""
    if running_on(task) is not None:
        return "running"
    places = [place(address) for address in saved_places(task)]
    names = [name for name in places if not is_plumbing(name)]
    return (names or places or ["?"])[0].split(" ")[0]


def waits_on(task):
    queue = task["waiting_on"]
    return queue["lock"]["name"].string() if address_of(queue) else ""


@command("tasks")
def tasks(_words):
    """All tasks: numbers, MM, CPU, state, where they are

    `where` is "running", or the function that gave the CPU up; `waits for` the
    wait queue. The idle tasks are in no table: see `cpus`. `task NUMBER` shows
    one with its backtrace."""
    rows = []
    for task in all_tasks():
        mm, parent = task["mm"], task["leader"]["parent"]
        state = STATES.get(int(task["state"]), "?")
        rows.append([
            int(task["tid"]), int(task["tgid"]),
            int(parent["tid"]) if address_of(parent) else "-",
            int(mm["id"]) if address_of(mm) else "-", int(task["cpu"]),
            state + (", killed" if int(task["attention"]) & 1 else ""),
            text_of(task["name"]), where(task), waits_on(task),
        ])
    titles = ["task", "group", "parent", "mm", "cpu", "state", "name", "where"]
    table(titles + ["waits for"], rows)


@command("task")
def one_task(words):
    """One task with its backtrace: task NUMBER

    Of a running task `backtraces` shows the stack."""
    if len(words) != 1:
        raise gdb.GdbError("task NUMBER")
    number = int(evaluate(words[0]))
    for task in all_tasks():
        if int(task["tid"]) == number:
            break
    else:
        raise gdb.GdbError("no task has the number %d" % number)
    mm = task["mm"]
    print("task %d (%s), struct task at %08x" % (
        number, text_of(task["name"]), address_of(task)))
    print("MM %s, CPU %d, may run on mask %#x, %s" % (
        int(mm["id"]) if address_of(mm) else "none", int(task["cpu"]),
        int(task["affinity"]), STATES.get(int(task["state"]), "?")))
    print("stack %08x-%08x, saved pointer %08x" % (
        int(task["stack"]), int(task["stack"]) + STACK_PAGES * PAGE - 1,
        int(task["stack_pointer"])))
    if running_on(task) is not None:
        print("running on CPU %d" % int(running_on(task)["index"]))
        return
    for address in saved_places(task):
        print("  %08x  %s" % (address, place(address)))


def thread_state(cpu):
    """What the emulator says of a CPU: mode, interrupts, place."""
    for thread in threads():
        found = cpu_of_thread(thread)
        if found is None or address_of(found) != address_of(cpu):
            continue
        with Selected(thread):
            mode = "user" if is_user() else "kernel"
            interrupts = "on" if register("eflags") & 0x200 else "off"
            eip = register("eip")
            name = "%08x" % eip if mode == "user" else place(eip).split(" ")[0]
        return mode, interrupts, name
    return "?", "?", "?"


@command("cpus")
def show_cpus(_words):
    """All CPUs: current task, loaded MM, queue, where they are

    `irq` says whether interrupts are on; gdb's thread N+1 is QEMU's CPU N,
    whose APIC number is N."""
    rows = []
    for cpu in cpus():
        task, mm = cpu["current"], cpu["mm"]
        mode, interrupts, name = thread_state(cpu)
        label = "-"
        if address_of(task):
            label = "%d %s" % (int(task["tid"]), text_of(task["name"]))
        rows.append([
            int(cpu["index"]), int(cpu["apic_id"]),
            "yes" if online(cpu) else "no", label,
            int(mm["id"]) if address_of(mm) else "-",
            int(cpu["queue"]["count"]), mode, interrupts, name,
        ])
    titles = ["cpu", "apic", "online", "task", "mm", "ready", "mode", "irq"]
    table(titles + ["where"], rows)


@command("backtraces")
def backtraces(words):
    """The backtraces of all CPUs: backtraces [DEPTH]

    gdb's own, with arguments and lines. For tasks that do not run: `task
    NUMBER`."""
    depth = int(evaluate(words[0])) if words else 12
    for thread in threads():
        cpu = cpu_of_thread(thread)
        with Selected(thread):
            label = "thread %d, not started" % thread.num
            if cpu is not None:
                task = cpu["current"]
                name = text_of(task["name"]) if address_of(task) else "no task"
                tid = int(task["tid"]) if address_of(task) else 0
                label = "CPU %d: task %d (%s)" % (int(cpu["index"]), tid, name)
            print(label)
            gdb.execute("backtrace %d" % depth)
