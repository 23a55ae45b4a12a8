/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NPROC: a user with as many tasks as allowed gets EAGAIN from fork
 * and clone. Linux does not bind the superuser; so the test changes to
 * another user first where it can, and says the same where it cannot.
 */
#include "oracle.h"

static int nothing(void *argument)
{
    (void)argument;
    return 0;
}

static int limited(void *argument)
{
    struct rlimit limit = {1, 1};
    long child, thread;

    (void)argument;
    if (call(__NR_setuid32, 54321) != 0)
        return 0;
    if (setrlimit(RLIMIT_NPROC, &limit) != 0)
        return 2;
    child = start_task(SIGCHLD, nothing, NULL);
    thread = start_task(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, nothing, NULL);
    if (child == -EAGAIN && thread == -EAGAIN)
        return 0;
    return 1;
}

int main(void)
{
    struct rlimit limit;

    in_child("fork and clone beyond the limit", limited, NULL);
    expect("getrlimit", getrlimit(RLIMIT_NPROC, &limit), 0);
    return 0;
}
