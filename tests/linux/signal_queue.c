/* SPDX-License-Identifier: MIT */
/*
 * Real-time signals queue: each comes as often as it was sent, with its
 * value, in order, lower numbers first; ordinary ones do not. What is sent to
 * a task and what is sent to its group are two queues.
 */
#include "oracle.h"

static volatile int count;
static int numbers[32], values[32];

static void handler(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (count < 32) {
        numbers[count] = number;
        values[count] = info->si_value.sival_int;
    }
    count++;
}

static long queue(int number, int value)
{
    siginfo_t info = {.si_code = SI_QUEUE};

    info.si_pid = getpid();
    info.si_value.sival_int = value;
    return call(__NR_rt_sigqueueinfo, getpid(), number, &info);
}

static void fill(void)
{
    for (int i = 0; i < 4; i++) {
        queue(SIGRTMIN + 2, 10 + i);
        queue(SIGRTMIN + 1, 20 + i);
        queue(SIGUSR1, 30 + i);
    }
}

/* Taken out one by one by rt_sigtimedwait. */
static void take(sigset_t *set)
{
    siginfo_t info;
    long number;

    while ((number = call(__NR_rt_sigtimedwait, set, &info,
                          &(struct timespec){0, 0}, 8)) > 0)
        say("  taken: signal %ld, value %d", number, info.si_value.sival_int);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigset_t set;

    sigfillset(&action.sa_mask);
    sigemptyset(&set);
    for (int i = 0; i < 3; i++) {
        int number = i == 2 ? SIGUSR1 : SIGRTMIN + 1 + i;

        sigaction(number, &action, NULL);
        sigaddset(&set, number);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    say("by rt_sigtimedwait:");
    fill();
    take(&set);
    say("by a handler that blocks all:");
    fill();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    for (int i = 0; i < count; i++)
        say("  handled: signal %d, value %d", numbers[i], values[i]);

    /* To the task and to the group: the task's own come first. */
    sigprocmask(SIG_BLOCK, &set, NULL);
    count = 0;
    kill(getpid(), SIGUSR1);
    call(__NR_tkill, call(__NR_gettid), SIGUSR1);
    queue(SIGRTMIN + 1, 1);
    call(__NR_tkill, call(__NR_gettid), SIGRTMIN + 1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    expect("to both queues", count, 4);
    for (int i = 0; i < count; i++)
        say("  handled: signal %d", numbers[i]);

    /* Ignored while pending: all of them go. */
    sigprocmask(SIG_BLOCK, &set, NULL);
    count = 0;
    fill();
    signal(SIGRTMIN + 1, SIG_IGN);
    sigaction(SIGRTMIN + 1, &action, NULL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    expect("one number ignored meanwhile", count, 5);
    return 0;
}
