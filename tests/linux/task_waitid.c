/* SPDX-License-Identifier: MIT */
/*
 * waitid: its kinds and options, the siginfo it fills for each kind of end,
 * WNOWAIT which leaves the child, WNOHANG which clears the record, and errors.
 */
#include "oracle.h"

static int leave(void *argument)
{
    return (int)(intptr_t)argument;
}

static int forever(void *argument)
{
    for (;;)
        sleep_ms(10000);
    return argument != NULL;
}

static siginfo_t info;

/* What the record says, without numbers that differ. */
static void say_info(const char *what, long result, long child)
{
    char text[16];

    if (result < 0) {
        say("%s: %s", what, result_text(result, text));
        return;
    }
    say("%s: signo %s, code %d, status %d, child %s, uid %s, errno %d", what,
        info.si_signo == SIGCHLD ? "SIGCHLD" : result_text(info.si_signo, text),
        info.si_code, info.si_status,
        info.si_pid == child ? "right"
        : info.si_pid        ? "WRONG"
                             : "none",
        info.si_uid == (info.si_pid ? getuid() : 0) ? "right" : "WRONG",
        info.si_errno);
}

static long wait_id(int kind, long id, int options)
{
    memset(&info, 0xff, sizeof(info));
    return call(__NR_waitid, kind, id, &info, options, 0);
}

static void ends(void)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV, SIGUSR1};
    long pid = start_task(SIGCHLD, leave, (void *)42);

    say_info("exit 42, WNOWAIT", wait_id(P_PID, pid, WEXITED | WNOWAIT), pid);
    say_info("  once more", wait_id(P_ALL, 0, WEXITED | WNOWAIT), pid);
    say_info("  for good", wait_id(P_PID, pid, WEXITED), pid);
    say_info("  and then", wait_id(P_PID, pid, WEXITED), pid);
    for (size_t i = 0; i < COUNT(signals); i++) {
        pid = start_task(SIGCHLD, forever, NULL);
        say_info("alive, WNOHANG", wait_id(P_PID, pid, WEXITED | WNOHANG), pid);
        call(__NR_kill, pid, signals[i]);
        say_info("killed", wait_id(P_PID, pid, WEXITED), pid);
    }
    pid = start_task(SIGCHLD, leave, (void *)256);
    say_info("exit 256", wait_id(P_ALL, 12345, WEXITED), pid);
    signal(SIGUSR1, SIG_IGN);
    pid = start_task(SIGUSR1, leave, (void *)1);
    say_info("other exit signal", wait_id(P_PID, pid, WEXITED), pid);
    say_info("  with __WALL", wait_id(P_PID, pid, WEXITED | __WALL), pid);
}

static void errors(void)
{
    long pid = start_task(SIGCHLD, leave, (void *)1);

    expect("no state asked for", wait_id(P_PID, pid, 0), -EINVAL);
    expect("only WNOHANG", wait_id(P_PID, pid, WNOHANG), -EINVAL);
    expect("unknown option", wait_id(P_PID, pid, WEXITED | 0x100), -EINVAL);
    expect("unknown kind", wait_id(77, pid, WEXITED), -EINVAL);
    expect("P_PID 0", wait_id(P_PID, 0, WEXITED), -EINVAL);
    expect("P_PID -5", wait_id(P_PID, -5, WEXITED), -EINVAL);
    expect("P_PGID -5", wait_id(P_PGID, -5, WEXITED), -EINVAL);
    expect("another task", wait_id(P_PID, 1, WEXITED), -ECHILD);
    expect("info to a bad address",
           call(__NR_waitid, P_PID, pid, BAD, WEXITED, 0), -EFAULT);
    expect("  the child is gone", wait_id(P_PID, pid, WEXITED), -ECHILD);
    pid = start_task(SIGCHLD, leave, (void *)1);
    expect("no record", call(__NR_waitid, P_PID, pid, NULL, WEXITED, 0), 0);
    expect("no child", wait_id(P_ALL, 0, WEXITED | WNOHANG), -ECHILD);
}

/* Only who is alive could still stop. */
static void stopped(void)
{
    long pid = start_task(SIGCHLD, forever, NULL);

    expect("WSTOPPED, alive", wait_id(P_PID, pid, WSTOPPED | WNOHANG), 0);
    call(__NR_kill, pid, SIGKILL);
    wait_id(P_PID, pid, WEXITED | WNOWAIT);
    expect("WSTOPPED, ended", wait_id(P_PID, pid, WSTOPPED | WNOHANG), -ECHILD);
    wait_for(pid);
}

static void usage(void)
{
    struct rusage usage;
    long pid = start_task(SIGCHLD, leave, (void *)1);

    memset(&usage, 0xff, sizeof(usage));
    expect("usage", call(__NR_waitid, P_PID, pid, NULL, WEXITED, &usage), 0);
    check("  plausible",
          usage.ru_utime.tv_sec == 0 && usage.ru_stime.tv_sec == 0);
}

int main(void)
{
    expect("no child", wait_id(P_ALL, 0, WEXITED), -ECHILD);
    ends();
    errors();
    stopped();
    usage();
    return 0;
}
