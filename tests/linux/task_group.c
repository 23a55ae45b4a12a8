/* SPDX-License-Identifier: MIT */
/*
 * What getpid, gettid and getppid say in a task made with CLONE_THREAD,
 * CLONE_PARENT, CLONE_VM, or none: a thread has its group's number and its
 * group's parent, CLONE_PARENT gives the caller's parent, all others are
 * children with a group of their own.
 */
#include "oracle.h"

struct ids {
    volatile int pid, tid, ppid, ready;
};

static int report(void *argument)
{
    struct ids *ids = argument;

    ids->pid = (int)call(__NR_getpid);
    ids->tid = (int)call(__NR_gettid);
    ids->ppid = (int)call(__NR_getppid);
    ids->ready = 1;
    return 0;
}

static const char *whose(int number, int child)
{
    if (number == child)
        return "the new task's";
    if (number == call(__NR_getpid))
        return "the maker's";
    if (number == call(__NR_getppid))
        return "the maker's parent's";
    return "ANOTHER";
}

static void try(const char *what, unsigned long flags, struct ids *ids)
{
    long tid;

    memset(ids, 0, sizeof(*ids));
    tid = start_task(flags, report, ids);
    if (!wait_until(&ids->ready, 1))
        say("%s: NEVER RAN", what);
    say("%s: getpid %s, gettid %s, getppid %s", what, whose(ids->pid, tid),
        whose(ids->tid, tid), whose(ids->ppid, tid));
    if (!(flags & (CLONE_THREAD | CLONE_PARENT)))
        say_status("  a child", wait_for(tid));
    else
        expect("  no child", call(__NR_wait4, tid, NULL, __WALL, 0), -ECHILD);
}

static int all(void *argument)
{
    struct ids *ids = argument;

    try("fork", SIGCHLD, ids);
    try("VM", CLONE_VM | SIGCHLD, ids);
    try("VM SIGHAND", CLONE_VM | CLONE_SIGHAND | SIGCHLD, ids);
    try("PARENT", CLONE_PARENT | SIGCHLD, ids);
    try("VM PARENT", CLONE_VM | CLONE_PARENT | SIGCHLD, ids);
    try("THREAD", CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, ids);
    try("THREAD, with an exit signal that is ignored",
        CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | SIGCHLD, ids);
    try("THREAD PARENT", CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_PARENT,
        ids);
    return 3;
}

int main(void)
{
    int found = 0;

    /* In a child, so that the siblings that CLONE_PARENT makes are ours. */
    in_child("all of it", all, shared_page());
    while (call(__NR_wait4, -1, NULL, 0, 0) > 0)
        found++;
    expect("siblings found by the parent", found, 2);
    return 0;
}
