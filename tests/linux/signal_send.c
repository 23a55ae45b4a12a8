/* SPDX-License-Identifier: MIT */
/*
 * kill, tkill, tgkill and the queueing calls: which numbers they take, signal
 * 0, tasks that are not there, and that SIGKILL ends its sender.
 */
#include "oracle.h"

static int kill_self(void *argument)
{
    call(__NR_kill, call(__NR_getpid), SIGKILL);
    return argument != NULL;
}

static int idle(void *argument)
{
    for (;;)
        sleep_ms(10000);
    return argument != NULL;
}

int main(void)
{
    long self = call(__NR_getpid), none = 0x3ffffff, thread, child;
    siginfo_t info = {.si_code = SI_QUEUE}, forged = {.si_code = SI_USER};

    expect("kill 0", call(__NR_kill, self, 0), 0);
    expect("kill 65", call(__NR_kill, self, 65), -EINVAL);
    expect("kill -1", call(__NR_kill, self, -1), -EINVAL);
    expect("kill nobody", call(__NR_kill, none, 0), -ESRCH);
    expect("kill nobody, bad signal", call(__NR_kill, none, 65), -ESRCH);
    expect("kill INT_MIN", call(__NR_kill, 0x80000000u, 0), -ESRCH);
    expect("kill no group", call(__NR_kill, -none, 0), -ESRCH);
    expect("tkill 0", call(__NR_tkill, self, 0), 0);
    expect("tkill 65", call(__NR_tkill, self, 65), -EINVAL);
    expect("tkill nobody", call(__NR_tkill, none, 0), -ESRCH);
    expect("tkill task 0", call(__NR_tkill, 0, 0), -EINVAL);
    expect("tkill task -1", call(__NR_tkill, -1, 0), -EINVAL);
    expect("tgkill 0", call(__NR_tgkill, self, self, 0), 0);
    expect("tgkill 65", call(__NR_tgkill, self, self, 65), -EINVAL);
    expect("tgkill group 0", call(__NR_tgkill, 0, self, 0), -EINVAL);
    expect("tgkill group -1", call(__NR_tgkill, -1, self, 0), -EINVAL);
    expect("tgkill task 0", call(__NR_tgkill, self, 0, 0), -EINVAL);
    expect("tgkill nobody", call(__NR_tgkill, self, none, 0), -ESRCH);
    expect("rt_sigqueueinfo nobody", call(__NR_rt_sigqueueinfo, none, 0, &info),
           -ESRCH);
    expect("rt_sigqueueinfo 0", call(__NR_rt_sigqueueinfo, self, 0, &info), 0);
    expect("rt_sigqueueinfo 65", call(__NR_rt_sigqueueinfo, self, 65, &info),
           -EINVAL);
    expect("rt_sigqueueinfo bad", call(__NR_rt_sigqueueinfo, self, 0, BAD),
           -EFAULT);
    expect("rt_tgsigqueueinfo 0",
           call(__NR_rt_tgsigqueueinfo, self, self, 0, &info), 0);
    expect("rt_tgsigqueueinfo group -1",
           call(__NR_rt_tgsigqueueinfo, -1, self, 0, &info), -EINVAL);

    child = start_task(SIGCHLD, idle, NULL);
    expect("kill a child 0", call(__NR_kill, child, 0), 0);
    expect("tgkill, wrong group", call(__NR_tgkill, self, child, 0), -ESRCH);
    expect("rt_sigqueueinfo to a child that says kill",
           call(__NR_rt_sigqueueinfo, child, SIGTERM, &forged), -EPERM);
    forged.si_code = SI_TKILL;
    expect("  or tkill", call(__NR_rt_sigqueueinfo, child, SIGTERM, &forged),
           -EPERM);
    expect("rt_sigqueueinfo to a child",
           call(__NR_rt_sigqueueinfo, child, SIGTERM, &info), 0);
    say_status("  it ended", wait_for(child));

    thread = start_task(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, idle, NULL);
    expect("tgkill a thread 0", call(__NR_tgkill, self, thread, 0), 0);
    expect("tkill a thread 0", call(__NR_tkill, thread, 0), 0);
    expect("kill by a thread's number", call(__NR_kill, thread, 0), 0);
    expect("tgkill with the thread as group",
           call(__NR_tgkill, thread, thread, 0), -ESRCH);
    in_child("SIGKILL to itself", kill_self, NULL);
    return 0;
}
