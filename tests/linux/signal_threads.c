/* SPDX-License-Identifier: MIT */
/*
 * Signals and thread groups: one sent to the group is taken by a thread that
 * does not block it, one sent to a thread by no other; each has a mask of its
 * own; a handler is everybody's; a fault is the faulting thread's; sigwait in
 * a thread takes what all others block; a fatal one ends all.
 */
#include "oracle.h"
#include <pthread.h>
#include <semaphore.h>

static pthread_t thread;
static sem_t ready, taken;
static volatile int calls, by_thread, number_seen;
static volatile int quit;

static void handler(int number)
{
    calls++;
    by_thread = pthread_equal(pthread_self(), thread);
    number_seen = number;
    sem_post(&taken);
}

static void mask(int how, int number)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(how, &set, NULL);
}

static void *spin(void *argument)
{
    mask(SIG_UNBLOCK, SIGUSR1);
    mask(SIG_BLOCK, SIGUSR2);
    sem_post(&ready);
    while (!quit)
        ;
    return argument;
}

static void *sleeper(void *argument)
{
    mask(SIG_UNBLOCK, SIGUSR1);
    mask(SIG_BLOCK, SIGUSR2);
    sem_post(&ready);
    while (!quit)
        sleep_ms(2);
    return argument;
}

static void wait_taken(void)
{
    while (sem_wait(&taken) != 0)
        ;
}

static void *fault(void *argument)
{
    sem_post(&ready);
    raise(SIGUSR2);
    return argument;
}

static void *wait_signal(void *argument)
{
    sigset_t set;
    int number;

    (void)argument;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sem_post(&ready);
    sigwait(&set, &number);
    return (void *)(intptr_t)number;
}

static void start(void *(*function)(void *))
{
    calls = 0;
    quit = 0;
    pthread_create(&thread, NULL, function, NULL);
    while (sem_wait(&ready) != 0)
        ;
}

static void others(const char *what, void *(*function)(void *))
{
    sigset_t set;

    start(function);
    say("%s:", what);
    kill(getpid(), SIGUSR1); /* main blocks it */
    wait_taken();
    expect("  group's, blocked in main: by the thread", by_thread, 1);
    kill(getpid(), SIGUSR2); /* the thread blocks it */
    wait_taken();
    expect("  group's, blocked in the thread: by main", by_thread, 0);
    pthread_kill(thread, SIGUSR1);
    wait_taken();
    expect("  the thread's own", by_thread, 1);
    pthread_kill(thread, SIGUSR2);
    sleep_ms(3);
    expect("  the thread's, blocked: calls", calls, 3);
    sigpending(&set);
    expect("  not pending for main", sigismember(&set, SIGUSR2), 0);
    raise(SIGUSR1);
    sigpending(&set);
    expect("  main's own, blocked: pending", sigismember(&set, SIGUSR1), 1);
    mask(SIG_UNBLOCK, SIGUSR1);
    wait_taken();
    expect("  and by main", by_thread, 0);
    mask(SIG_BLOCK, SIGUSR1);
    quit = 1;
    pthread_join(thread, NULL);
    expect("  calls in all", calls, 4);
    expect("pthread_kill 0 to itself", pthread_kill(pthread_self(), 0), 0);
}

/* All are ended by what one of them does, or is sent. */
static int fatal(void *argument)
{
    start(argument ? spin : sleeper);
    if (argument)
        pthread_kill(thread, SIGTERM);
    else
        kill(getpid(), SIGTERM);
    sleep_ms(100000);
    return 1;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    void *result;

    sem_init(&ready, 0, 0);
    sem_init(&taken, 0, 0);
    mask(SIG_BLOCK, SIGUSR1);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    others("a thread that runs", spin);
    others("a thread that sleeps", sleeper);
    start(fault);
    pthread_join(thread, NULL);
    expect("raise in a thread: by it", by_thread, 1);
    mask(SIG_BLOCK, SIGHUP);
    start(wait_signal);
    kill(getpid(), SIGHUP);
    pthread_join(thread, &result);
    expect("sigwait in a thread", (long)(intptr_t)result, SIGHUP);
    in_child("a fatal signal to the group", fatal, NULL);
    in_child("a fatal signal to a thread", fatal, &action);
    return 0;
}
