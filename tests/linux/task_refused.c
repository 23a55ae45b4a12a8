/* SPDX-License-Identifier: MIT */
/*
 * The combinations of clone flags that Linux refuses, with its errors, and a
 * few that look strange but are allowed. A refused clone makes no task.
 */
#include "oracle.h"

static int nothing(void *argument)
{
    (void)argument;
    return 0;
}

static const struct {
    const char *name;
    unsigned long flags;
    long result;
} cases[] = {
    {"SIGHAND without VM", CLONE_SIGHAND | SIGCHLD, -EINVAL},
    {"THREAD alone", CLONE_THREAD, -EINVAL},
    {"THREAD without SIGHAND", CLONE_THREAD | CLONE_VM, -EINVAL},
    {"THREAD SIGHAND without VM", CLONE_THREAD | CLONE_SIGHAND, -EINVAL},
    {"THREAD with FILES FS only", CLONE_THREAD | CLONE_FILES | CLONE_FS,
     -EINVAL},
    {"NEWNS with FS", CLONE_NEWNS | CLONE_FS | SIGCHLD, -EINVAL},
    {"NEWUSER with FS", CLONE_NEWUSER | CLONE_FS | SIGCHLD, -EINVAL},
    {"NEWPID with THREAD",
     CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, -EINVAL},
    {"PIDFD with PARENT_SETTID", CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD,
     -EINVAL},
    {"PIDFD with DETACHED", CLONE_PIDFD | CLONE_DETACHED | SIGCHLD, -EINVAL},
};

/* Allowed: the number is the exit signal, whatever it is. */
static const struct {
    const char *name;
    unsigned long flags;
} allowed[] = {
    {"exit signal 0", 0},
    {"exit signal SIGUSR2", SIGUSR2},
    {"exit signal 255", 255},
    {"DETACHED", CLONE_DETACHED | SIGCHLD},
    {"PTRACE", CLONE_PTRACE | SIGCHLD},
    {"UNTRACED", CLONE_UNTRACED | SIGCHLD},
    {"SYSVSEM", CLONE_SYSVSEM | SIGCHLD},
    {"VFORK without VM", CLONE_VFORK | SIGCHLD},
};

int main(void)
{
    signal(SIGUSR2, SIG_IGN);
    for (size_t i = 0; i < COUNT(cases); i++)
        expect(cases[i].name, start_task(cases[i].flags, nothing, NULL),
               cases[i].result);
    expect("children after all that", call(__NR_wait4, -1, NULL, __WALL, 0),
           -ECHILD);
    for (size_t i = 0; i < COUNT(allowed); i++) {
        long tid = start_task(allowed[i].flags, nothing, NULL);

        check(allowed[i].name, tid > 0);
        check("  and it can be waited for",
              call(__NR_wait4, tid, NULL, __WALL, 0) == tid);
    }
    /* A bad pointer for the number is not an error: the number is lost. */
    for (int which = 0; which < 3; which++) {
        static const unsigned long flag[] = {
            CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID, CLONE_PARENT_SETTID};
        static const char *const name[] = {"CHILD_SETTID to a bad address",
                                           "CHILD_CLEARTID to a bad address",
                                           "PARENT_SETTID to a bad address"};
        long tid = oracle_clone(flag[which] | SIGCHLD, NULL, BAD, NULL, BAD,
                                nothing, NULL);

        check(name[which], tid > 0);
        if (tid > 0)
            say_status("  it ended", wait_for(tid));
    }
    expect("SETTLS from a bad address",
           oracle_clone(CLONE_SETTLS | SIGCHLD, NULL, NULL, BAD, NULL, nothing,
                        NULL),
           -EFAULT);
    return 0;
}
