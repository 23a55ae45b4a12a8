/* SPDX-License-Identifier: MIT */
/*
 * Who can wait for whom: the exit signal decides between children that wait4
 * sees by itself, those of __WCLONE and __WALL; CLONE_PARENT makes a sibling;
 * a thread is nobody's child but its group's leader is waited for by every
 * thread of the parent, unless __WNOTHREAD is asked for.
 */
#include "oracle.h"

static int seven(void *argument)
{
    (void)argument;
    return 7;
}

static volatile int signals;

static void count(int number)
{
    (void)number;
    signals++;
}

static void exit_signal(const char *what, unsigned long flags)
{
    long tid, result;
    int status = 0;

    signals = 0;
    tid = start_task(flags, seven, NULL);
    say("%s:", what);
    while ((result = call(__NR_waitid, P_PID, tid, 0,
                          WEXITED | WNOWAIT | __WALL, 0)) == -EINTR)
        ;
    expect("  waitid WNOWAIT __WALL", result, 0);
    result = call(__NR_wait4, tid, &status, WNOHANG, 0);
    say("  wait4: %s", result == tid ? "found" : strerrorname_np(-result));
    if (result == tid)
        goto out;
    result = call(__NR_wait4, tid, &status, __WCLONE | WNOHANG, 0);
    say("  __WCLONE: %s", result == tid ? "found" : strerrorname_np(-result));
out:
    expect("  signals", signals, (int)(flags & 0xff) == SIGUSR1);
    say_status("  status", status);
    expect("  again", call(__NR_wait4, tid, &status, __WALL, 0), -ECHILD);
}

static void ordinary_child_and_wclone(void)
{
    long tid = start_task(SIGCHLD, seven, NULL);

    expect("__WCLONE does not see a child with SIGCHLD",
           call(__NR_wait4, tid, NULL, __WCLONE, 0), -ECHILD);
    check("__WALL does", call(__NR_wait4, tid, NULL, __WALL, 0) == tid);
    tid = start_task(SIGCHLD, seven, NULL);
    check("__WNOTHREAD finds the caller's own child",
          call(__NR_wait4, tid, NULL, __WNOTHREAD, 0) == tid);
    expect("unknown option", call(__NR_wait4, -1, NULL, 0x100, 0), -EINVAL);
}

/* A child that makes a sibling: exits with 1 if it may not wait for it. */
static int make_sibling(void *argument)
{
    volatile int *shared = argument;
    long tid = start_task(CLONE_PARENT | SIGCHLD, seven, NULL);

    shared[0] = (int)tid;
    shared[1] = (int)call(__NR_wait4, tid, NULL, __WALL, 0);
    return 1;
}

static void sibling(void)
{
    volatile int *shared = shared_page();
    int status = wait_for(start_task(SIGCHLD, make_sibling, (void *)shared));

    say_status("the child that used CLONE_PARENT", status);
    expect("  may not wait for its sibling", shared[1], -ECHILD);
    say_status("  the sibling is ours", wait_for(shared[0]));
}

static volatile int child_of_main, by_any, by_own, done;

static int wait_from_thread(void *argument)
{
    (void)argument;
    by_own = (int)call(__NR_wait4, child_of_main, NULL, __WNOTHREAD, 0);
    by_any = (int)call(__NR_wait4, child_of_main, NULL, 0, 0);
    done = 1;
    return 0;
}

static void from_a_thread(void)
{
    long tid;

    child_of_main = (int)start_task(SIGCHLD, seven, NULL);
    tid = start_task(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES |
                         CLONE_FS,
                     wait_from_thread, NULL);
    expect("a thread is no child", call(__NR_wait4, tid, NULL, __WALL, 0),
           -ECHILD);
    check("the thread ends", wait_until(&done, 1));
    expect("thread waits with __WNOTHREAD for main's child", by_own, -ECHILD);
    check("thread waits for main's child", by_any == child_of_main);
}

int main(void)
{
    signal(SIGUSR1, count);
    exit_signal("exit signal SIGCHLD", SIGCHLD);
    exit_signal("exit signal 0", 0);
    exit_signal("exit signal SIGUSR1", SIGUSR1);
    exit_signal("exit signal SIGUSR1, VM", CLONE_VM | SIGUSR1);
    ordinary_child_and_wclone();
    sibling();
    from_a_thread();
    return 0;
}
