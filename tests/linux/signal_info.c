/* SPDX-License-Identifier: MIT */
/*
 * What a handler with SA_SIGINFO is told: number, code, sender, value, for
 * kill, tkill, tgkill, rt_sigqueueinfo, a timer, and a child's end; and that
 * the third argument holds the mask that comes back.
 */
#include "oracle.h"
#include <ucontext.h>

static volatile int calls;
static siginfo_t got, child_end;
static sigset_t mask_in_frame;

static void handler(int number, siginfo_t *info, void *context)
{
    ucontext_t *user = context;

    calls++;
    *(number == SIGCHLD ? &child_end : &got) = *info;
    if (number != info->si_signo)
        calls = 100;
    memcpy(&mask_in_frame, &user->uc_sigmask, 8);
}

static void tell(const char *what)
{
    bool ours = got.si_pid == getpid() && got.si_uid == getuid();

    say("%s: %d, SIG%s, code %d, errno %d, sender %s", what, calls,
        sigabbrev_np(got.si_signo), got.si_code, got.si_errno,
        ours          ? "right"
        : !got.si_pid ? "none"
                      : "other");
    calls = 0;
    memset(&got, 0, sizeof(got));
}

static int child(void *argument)
{
    call(__NR_kill, call(__NR_getppid), SIGUSR1);
    if (argument)
        call(__NR_kill, call(__NR_getpid), SIGTERM);
    return 44;
}

static void from_child(void *how)
{
    long pid = start_task(SIGCHLD, child, how);

    /* Both signals come, the order being the child's. */
    while (calls < 2)
        sleep_ms(1);
    calls = 1;
    check("from the child", got.si_pid == pid);
    say("SIGCHLD: SIG%s, code %d, status %d", sigabbrev_np(child_end.si_signo),
        child_end.si_code, child_end.si_status);
    say_status("  status", wait_for(pid));
    calls = 0;
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO | SA_RESTART};
    struct itimerval timer = {{0, 0}, {0, 1000}};
    siginfo_t info = {.si_signo = 5, .si_code = SI_QUEUE};
    sigset_t set;

    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGRTMIN + 1, &action, NULL);
    call(__NR_kill, getpid(), SIGUSR1);
    tell("kill");
    call(__NR_tkill, call(__NR_gettid), SIGUSR1);
    tell("tkill");
    call(__NR_tgkill, getpid(), call(__NR_gettid), SIGUSR1);
    tell("tgkill");
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = 0x1234567;
    call(__NR_rt_sigqueueinfo, getpid(), SIGUSR1, &info);
    expect("value", got.si_value.sival_int, 0x1234567);
    tell("rt_sigqueueinfo");
    info.si_code = -77;
    call(__NR_rt_tgsigqueueinfo, getpid(), call(__NR_gettid), SIGUSR1, &info);
    expect("value", got.si_value.sival_int, 0x1234567);
    tell("rt_tgsigqueueinfo");
    setitimer(ITIMER_REAL, &timer, NULL);
    while (!calls)
        ;
    tell("ITIMER_REAL");
    from_child(NULL);
    from_child(&timer);

    /* The frame's mask is the one of before, and what it holds comes back. */
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGRTMAX);
    sigprocmask(SIG_SETMASK, &set, NULL);
    raise(SIGUSR1);
    check("mask in the frame", memcmp(&mask_in_frame, &set, 8) == 0);
    sigprocmask(SIG_BLOCK, NULL, &set);
    check("mask afterwards", memcmp(&mask_in_frame, &set, 8) == 0);
    return 0;
}
