/* SPDX-License-Identifier: MIT */
/*
 * Waiting for signals: pause, rt_sigsuspend and its mask, rt_sigtimedwait in
 * both time formats (the signal, its siginfo, the end of the time, EINTR),
 * and their errors.
 */
#include "oracle.h"

static volatile int calls;

static void handler(int number)
{
    (void)number;
    calls++;
}

#define BIT(number) (1ull << ((number)-1))

static void set_mask(uint64_t mask)
{
    call(__NR_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8);
}

static void soon(long milliseconds)
{
    struct itimerval timer = {{0, 0}, {0, milliseconds * 1000}};

    setitimer(ITIMER_REAL, &timer, NULL);
}

static void suspend(void)
{
    uint64_t mask = BIT(SIGUSR2), now;

    soon(10);
    expect("pause", call(__NR_pause), -EINTR);
    expect("  calls", calls, 1);
    set_mask(BIT(SIGUSR1) | BIT(SIGUSR2));
    raise(SIGUSR1);
    raise(SIGUSR2);
    expect("sigsuspend", call(__NR_rt_sigsuspend, &mask, 8), -EINTR);
    expect("  calls", calls, 2);
    call(__NR_rt_sigprocmask, SIG_SETMASK, NULL, &now, 8);
    check("  mask is back", now == (BIT(SIGUSR1) | BIT(SIGUSR2)));
    expect("old sigsuspend", call(72, 0, 0, (long)BIT(SIGUSR1)), -EINTR);
    expect("  calls", calls, 3);
    expect("sigsuspend size 4", call(__NR_rt_sigsuspend, &mask, 4), -EINVAL);
    expect("sigsuspend bad", call(__NR_rt_sigsuspend, BAD, 8), -EFAULT);
    /* What is ignored wakes nobody. */
    signal(SIGUSR1, SIG_IGN);
    set_mask(0);
    soon(10);
    raise(SIGUSR1);
    expect("pause again", call(__NR_pause), -EINTR);
    expect("  calls", calls, 4);
    signal(SIGUSR1, handler);
}

/* The same in both formats: 177 with 32-bit seconds, 421 with 64-bit ones. */
static void timed(long number, const void *none, const void *some,
                  const void *negative, const void *many)
{
    uint64_t set = BIT(SIGUSR1) | BIT(SIGRTMIN), empty = 0;
    siginfo_t info;

    say("call %ld:", number);
    set_mask(set);
    calls = 0;
    expect("  none", call(number, &set, NULL, none, 8), -EAGAIN);
    expect("  20 ms", call(number, &set, NULL, some, 8), -EAGAIN);
    expect("  no signal asked for", call(number, &empty, NULL, some, 8),
           -EAGAIN);
    raise(SIGUSR1);
    memset(&info, 0xff, sizeof(info));
    expect("  pending", call(number, &set, &info, none, 8), SIGUSR1);
    say("  signo %d, code %d, errno %d, sender %s", info.si_signo, info.si_code,
        info.si_errno, info.si_pid == getpid() ? "right" : "WRONG");
    raise(SIGRTMIN);
    raise(SIGUSR1);
    expect("  two pending", call(number, &set, NULL, NULL, 8), SIGUSR1);
    expect("  the other", call(number, &set, NULL, some, 8), SIGRTMIN);
    soon(10);
    expect("  interrupted", call(number, &set, NULL, NULL, 8), -EINTR);
    expect("  calls of the handler", calls, 1);
    set_mask(set | BIT(SIGALRM));
    set |= BIT(SIGALRM);
    soon(10);
    memset(&info, 0, sizeof(info));
    expect("  waited for", call(number, &set, &info, NULL, 8), SIGALRM);
    expect("  code", info.si_code, SI_KERNEL);
    expect("  calls of the handler", calls, 1);
    expect("  size 4", call(number, &set, NULL, some, 4), -EINVAL);
    expect("  set bad", call(number, BAD, NULL, some, 8), -EFAULT);
    expect("  time bad", call(number, &set, NULL, BAD, 8), -EFAULT);
    expect("  negative", call(number, &set, NULL, negative, 8), -EINVAL);
    expect("  too many ns", call(number, &set, NULL, many, 8), -EINVAL);
    raise(SIGUSR1);
    expect("  info bad", call(number, &set, BAD, some, 8), -EFAULT);
    expect("  the signal is lost", call(number, &set, NULL, none, 8), -EAGAIN);
    set_mask(0);
}

int main(void)
{
    static const int32_t times[4][2] = {
        {0, 0}, {0, 20000000}, {-1, 0}, {0, 1000000000}};
    static const int64_t times64[4][2] = {
        {0, 0}, {0, 20000000}, {-1, 0}, {0, 1000000000}};
    struct sigaction action = {.sa_handler = handler};

    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    suspend();
    timed(__NR_rt_sigtimedwait, times[0], times[1], times[2], times[3]);
    timed(421, times64[0], times64[1], times64[2], times64[3]);
    return 0;
}
