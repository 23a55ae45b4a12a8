/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a process group: children are in their parent's until told
 * otherwise, so 0 and the negative number find them; another group has none.
 */
#include "oracle.h"

static int seven(void *argument)
{
    (void)argument;
    return 7;
}

int main(void)
{
    long group = call(__NR_getpgrp), pid;
    siginfo_t info;

    check("getpgid(0) is getpgrp()", call(__NR_getpgid, 0) == group);
    pid = start_task(SIGCHLD, seven, NULL);
    check("a child has its parent's group", call(__NR_getpgid, pid) == group);
    expect("kill(0, nothing)", call(__NR_kill, 0, 0), 0);
    check("wait4(0)", call(__NR_wait4, 0, NULL, 0, 0) == pid);
    pid = start_task(SIGCHLD, seven, NULL);
    check("wait4(-group)",
          group <= 1 || call(__NR_wait4, -group, NULL, 0, 0) == pid);
    pid = start_task(SIGCHLD, seven, NULL);
    expect("wait4(-another)", call(__NR_wait4, -0x3fffffff, NULL, 0, 0),
           -ECHILD);
    memset(&info, 0, sizeof(info));
    expect("waitid(P_PGID, another)",
           call(__NR_waitid, P_PGID, 0x3fffffff, &info, WEXITED, 0), -ECHILD);
    expect("waitid(P_PGID, 0)", call(__NR_waitid, P_PGID, 0, &info, WEXITED, 0),
           0);
    return 0;
}
