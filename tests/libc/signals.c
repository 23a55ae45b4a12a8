/* SPDX-License-Identifier: MIT */
/*
 * Signals as programs use them: a handler on a timer, a pipe-less wait for
 * children, sigwait() in a thread of its own, pthread_kill(), masks that
 * threads inherit, a time limit with alarm(), SIGCHLD.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libc.h"

static volatile sig_atomic_t ticks, ended, reached;
static __thread volatile sig_atomic_t own_signals;
static int waited[4];

static void on_tick(int number)
{
    (void)number;
    ticks++;
}

static void on_child(int number)
{
    int saved = errno, status;

    (void)number;
    while (waitpid(-1, &status, WNOHANG) > 0)
        ended++;
    errno = saved;
}

static void on_own(int number)
{
    (void)number;
    own_signals++;
    __atomic_fetch_add(&reached, 1, __ATOMIC_RELAXED);
}

static void timer(void)
{
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    volatile double sum = 0;

    signal(SIGALRM, on_tick);
    setitimer(ITIMER_REAL, &often, NULL);
    while (ticks < 10) /* the handler interrupts calculations */
        sum += 0.5;
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(ticks >= 10 && sum > 0, "ten ticks of a timer");
    int before = ticks;
    usleep(10000);
    CHECK(ticks <= before + 1, "none after it was stopped");
    alarm(100);
    CHECK(alarm(0) == 100, "an alarm that was set off");
}

static void interrupted(void)
{
    struct sigaction action = {.sa_handler = on_tick};
    struct itimerval soon = {{0, 0}, {0, 5000}};
    struct timespec long_time = {10, 0}, left;

    sigaction(SIGALRM, &action, NULL); /* without SA_RESTART */
    setitimer(ITIMER_REAL, &soon, NULL);
    int result = nanosleep(&long_time, &left);
    CHECK(result == -1 && errno == EINTR, "a sleep is interrupted");
    CHECK(left.tv_sec == 9, "and tells what was left");
}

static void children(void)
{
    sigset_t child, old;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    signal(SIGCHLD, on_child);
    sigprocmask(SIG_BLOCK, &child, &old);
    for (int i = 0; i < 5; i++)
        if (fork() == 0)
            _exit(i);
    while (ended < 5)
        sigsuspend(&old);
    sigprocmask(SIG_SETMASK, &old, NULL);
    CHECK(ended == 5, "five children end, all are noticed");
    signal(SIGCHLD, SIG_DFL);
}

static void *sigwaiter(void *argument)
{
    int number = 0;

    for (int i = 0; i < 4; i++) {
        sigwait(argument, &number);
        waited[i] = number;
    }
    return NULL;
}

/* Blocked everywhere, taken by the thread that waits for them. */
static void waiting_thread(void)
{
    static const int numbers[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGTERM};
    sigset_t set;
    pthread_t thread;

    sigemptyset(&set);
    for (int i = 0; i < 4; i++)
        sigaddset(&set, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&thread, NULL, sigwaiter, &set);
    for (int i = 0; i < 4; i++) {
        kill(getpid(), numbers[i]);
        while (!__atomic_load_n(&waited[i], __ATOMIC_ACQUIRE))
            usleep(500);
    }
    pthread_join(thread, NULL);
    CHECK(!memcmp(waited, numbers, sizeof(waited)), "a thread takes all four");
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void *loops(void *argument)
{
    while (!own_signals)
        usleep(500);
    while (!__atomic_load_n((int *)argument, __ATOMIC_ACQUIRE))
        usleep(500);
    return (void *)(long)own_signals;
}

static void directed(void)
{
    pthread_t threads[4];
    int stop = 0, right = 0;

    signal(SIGUSR1, on_own);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, loops, &stop);
    for (int i = 0; i < 4; i++) {
        pthread_kill(threads[i], SIGUSR1);
        while (reached <= i)
            usleep(500);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < 4; i++) {
        void *count = NULL;
        pthread_join(threads[i], &count);
        right += count == (void *)1;
    }
    CHECK(right == 4 && !own_signals, "each thread gets its own");
    CHECK(pthread_kill(pthread_self(), 99) == EINVAL, "no such signal");
}

int main(void)
{
    timer();
    interrupted();
    children();
    waiting_thread();
    directed();
    return check_sum();
}
