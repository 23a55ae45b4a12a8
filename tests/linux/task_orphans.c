/* SPDX-License-Identifier: MIT */
/*
 * A task whose parent ends gets another one, and so do its zombies: getppid
 * changes, and what was not waited for is gone at last. The children of a
 * thread that ends go to its group, not away.
 */
#include "oracle.h"

struct shared {
    volatile int orphan, before, after, parent, changed;
};

static int orphan(void *argument)
{
    struct shared *shared = argument;

    shared->before = (int)call(__NR_getppid);
    shared->orphan = (int)call(__NR_gettid);
    for (int i = 0; i < 2000 && !shared->changed; i++) {
        shared->after = (int)call(__NR_getppid);
        shared->changed = shared->after != shared->before;
        sleep_ms(1);
    }
    shared->orphan = 0;
    return 0;
}

static int parent(void *argument)
{
    struct shared *shared = argument;

    shared->parent = (int)call(__NR_getpid);
    start_task(SIGCHLD, orphan, argument);
    while (!shared->orphan)
        sleep_ms(1);
    return 3;
}

/* A thread makes a child and ends; the group can still wait for it. */
static volatile int childs_parent, thread_done, child_tid;

static int slow_child(void *argument)
{
    struct shared *shared = argument;

    sleep_ms(20);
    shared->after = (int)call(__NR_getppid);
    return 4;
}

static int thread(void *argument)
{
    child_tid = (int)start_task(SIGCHLD, slow_child, argument);
    thread_done = 1;
    return 0;
}

int main(void)
{
    struct shared *shared = shared_page();

    in_child("parent", parent, shared);
    check("getppid was the parent", shared->before == shared->parent);
    check("getppid changed", wait_until(&shared->changed, 1));
    check("and it ends", wait_until(&shared->orphan, 0));
    /* Where this program is the first one, the orphan has come to it. */
    while (call(__NR_wait4, -1, NULL, __WALL, 0) > 0)
        ;

    start_task(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES, thread,
               shared);
    check("thread has made a child", wait_until(&thread_done, 1));
    sleep_ms(5);
    say_status("its child is the group's", wait_for(child_tid));
    check("whose parent is the group", shared->after == call(__NR_getpid));
    return 0;
}
