/* SPDX-License-Identifier: MIT */
/*
 * TLS entries belong to tasks: a fork takes its parent's over, CLONE_SETTLS
 * gives the new task its own in the same slot, changes stay with the one that
 * makes them, and segment registers survive switches between such tasks.
 */
#include "oracle.h"
#include <asm/ldt.h>

static uint32_t areas[5] = {100, 101, 102, 103, 104};
static unsigned number;
static volatile int done, wrong;

static struct user_desc entry_for(int area)
{
    struct user_desc entry = {
        .entry_number = number,
        .base_addr = (uint32_t)&areas[area],
        .limit = 0xfffff,
        .seg_32bit = 1,
        .limit_in_pages = 1,
        .useable = 1,
    };

    return entry;
}

/* Reads through FS, which stays loaded. */
static uint32_t read_fs(void)
{
    uint32_t value;

    __asm__ volatile("mov %%fs:0, %0" : "=r"(value));
    return value;
}

static void load_fs(void)
{
    uint32_t selector = number * 8 + 3;

    __asm__ volatile("mov %0, %%fs" : : "r"(selector));
}

static int in_fork(void *argument)
{
    struct user_desc entry = entry_for(1);

    (void)argument;
    if (read_fs() != 100)
        return 1;
    call(__NR_set_thread_area, &entry);
    load_fs();
    return read_fs() == 101 ? 50 : 2;
}

static int in_thread(void *argument)
{
    uint32_t own = (uint32_t)(intptr_t)argument;

    load_fs();
    for (int i = 0; i < 200; i++) {
        if (read_fs() != own)
            wrong++;
        call(__NR_sched_yield);
    }
    __atomic_fetch_add(&done, 1, __ATOMIC_SEQ_CST);
    return 0;
}

int main(void)
{
    struct user_desc entry;
    long result;

    number = (unsigned)-1;
    entry = entry_for(0);
    expect("set_thread_area", call(__NR_set_thread_area, &entry), 0);
    number = entry.entry_number;
    load_fs();
    in_child("a fork has it, and its changes are its own", in_fork, NULL);
    expect("here", read_fs(), 100);
    for (int i = 1; i < 5; i++) {
        entry = entry_for(i);
        result = oracle_clone(CLONE_VM | CLONE_FS | CLONE_FILES |
                                  CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS,
                              new_stack(), NULL, &entry, NULL, in_thread,
                              (void *)(intptr_t)(100 + i));
        check("a thread with CLONE_SETTLS", result > 0);
    }
    check("they end", wait_until(&done, 4));
    expect("wrong values seen by them", wrong, 0);
    expect("here", read_fs(), 100);
    number = 0;
    entry = entry_for(0);
    expect("CLONE_SETTLS, entry 0",
           oracle_clone(CLONE_SETTLS | SIGCHLD, NULL, NULL, &entry, NULL,
                        in_thread, NULL),
           -EINVAL);
    number = (unsigned)-1;
    entry = entry_for(0);
    expect("CLONE_SETTLS, any entry",
           oracle_clone(CLONE_SETTLS | SIGCHLD, NULL, NULL, &entry, NULL,
                        in_thread, NULL),
           -EINVAL);
    expect("no child is left", call(__NR_wait4, -1, NULL, __WALL, 0), -ECHILD);
    return 0;
}
