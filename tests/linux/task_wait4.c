/* SPDX-License-Identifier: MIT */
/*
 * wait4: for one child, for any, without waiting; its errors, its usage
 * record, EINTR, and zombies that stay until they are waited for.
 */
#include "oracle.h"

static int seven(void *argument)
{
    sleep_ms((intptr_t)argument);
    return 7;
}

static int forever(void *argument)
{
    for (;;)
        sleep_ms(10000);
    return argument != NULL;
}

static void handler(int number)
{
    (void)number;
}

static void no_children(void)
{
    expect("no child: any", call(__NR_wait4, -1, NULL, 0, 0), -ECHILD);
    expect("no child: WNOHANG", call(__NR_wait4, -1, NULL, WNOHANG, 0),
           -ECHILD);
    expect("itself", call(__NR_wait4, call(__NR_getpid), NULL, 0, 0), -ECHILD);
    expect("init", call(__NR_wait4, 1, NULL, 0, 0), -ECHILD);
    expect("no such task", call(__NR_wait4, 0x3fffffff, NULL, 0, 0), -ECHILD);
    expect("options that do not exist", call(__NR_wait4, -1, NULL, 0x40000, 0),
           -EINVAL);
    expect("WEXITED is waitid's", call(__NR_wait4, -1, NULL, WEXITED, 0),
           -EINVAL);
    expect("WNOWAIT is waitid's", call(__NR_wait4, -1, NULL, WNOWAIT, 0),
           -EINVAL);
    expect("pid INT_MIN", call(__NR_wait4, 0x80000000u, NULL, 0, 0), -ESRCH);
}

static void one_of_two(void)
{
    long first = start_task(SIGCHLD, seven, (void *)0);
    long second = start_task(SIGCHLD, forever, NULL);
    int status = 0x1234;

    expect("a live child, WNOHANG",
           call(__NR_wait4, second, &status, WNOHANG, 0), 0);
    expect("  status not written", status, 0x1234);
    check("any: the dead one",
          call(__NR_wait4, -1, &status, 0, 0) == first && status == 7 << 8);
    expect("  it is gone", call(__NR_wait4, first, NULL, 0, 0), -ECHILD);
    call(__NR_kill, second, SIGKILL);
    check("by number", call(__NR_wait4, second, &status, 0, 0) == second);
    expect("  status", status, SIGKILL);
}

static void usage(void)
{
    struct rusage usage;
    long pid = start_task(SIGCHLD, seven, NULL);

    memset(&usage, 0xff, sizeof(usage));
    check("usage", call(__NR_wait4, pid, NULL, 0, &usage) == pid);
    check("  plausible", usage.ru_utime.tv_sec == 0 &&
                             usage.ru_stime.tv_sec == 0 &&
                             usage.ru_utime.tv_usec < 1000000);
    pid = start_task(SIGCHLD, seven, NULL);
    expect("status to a bad address", call(__NR_wait4, pid, BAD, 0, 0),
           -EFAULT);
    expect("  the child is gone", call(__NR_wait4, pid, NULL, 0, 0), -ECHILD);
    pid = start_task(SIGCHLD, seven, NULL);
    expect("usage to a bad address", call(__NR_wait4, pid, NULL, 0, BAD),
           -EFAULT);
}

static void zombie(void)
{
    long pid = start_task(SIGCHLD, seven, NULL);

    call(__NR_waitid, P_PID, pid, 0, WEXITED | WNOWAIT, 0);
    expect("zombie: kill 0", call(__NR_kill, pid, 0), 0);
    expect("zombie: kill SIGKILL", call(__NR_kill, pid, SIGKILL), 0);
    expect("zombie: tgkill 0", call(__NR_tgkill, pid, pid, 0), 0);
    say_status("  status is the first one", wait_for(pid));
    expect("waited for: kill 0", call(__NR_kill, pid, 0), -ESRCH);
}

static void interrupted(void)
{
    struct sigaction action = {.sa_handler = handler};
    struct itimerval timer = {{0, 0}, {0, 20000}};
    long pid = start_task(SIGCHLD, forever, NULL);

    sigaction(SIGALRM, &action, NULL);
    call(__NR_setitimer, ITIMER_REAL, &timer, 0);
    expect("a handler interrupts", call(__NR_wait4, pid, NULL, 0, 0), -EINTR);
    call(__NR_kill, pid, SIGTERM);
    say_status("  and later", wait_for(pid));
}

int main(void)
{
    no_children();
    one_of_two();
    usage();
    zombie();
    interrupted();
    return 0;
}
