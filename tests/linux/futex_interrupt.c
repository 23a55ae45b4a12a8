/* SPDX-License-Identifier: MIT */
/*
 * A futex wait that a handler interrupts: EINTR with a time, restarted without
 * when SA_RESTART is set; a wake and a signal at once lose no wake: what was
 * counted as woken returns 0.
 */
#include "oracle.h"

static volatile int word, woken, ready, calls, result;

static void handler(int number)
{
    (void)number;
    calls++;
}

static int waiter(void *argument)
{
    ready = 1;
    result = (int)call(__NR_futex, &word, FUTEX_WAIT, 0, argument);
    woken = 1;
    return 0;
}

static long start(void *time)
{
    long tid;

    ready = woken = 0;
    tid = start_task(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                         CLONE_THREAD,
                     waiter, time);
    wait_until(&ready, 1);
    sleep_ms(5);
    return tid;
}

/* A thread is woken and signalled in one moment, many times. */
static void both(void)
{
    int lost = 0;

    for (int i = 0; i < 50; i++) {
        long tid = start(NULL), count;

        call(__NR_tgkill, getpid(), tid, SIGUSR1);
        do
            count = call(__NR_futex, &word, FUTEX_WAKE, 1);
        while (count == 0 && !woken);
        if (!wait_until(&woken, 1) || (count == 1) != (result == 0))
            lost++;
    }
    expect("woken and signalled: lost", lost, 0);
}

static void try(const char *what, int flags, struct timespec *time)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    char text[16];
    long tid;

    calls = 0;
    sigaction(SIGUSR1, &action, NULL);
    tid = start(time);
    call(__NR_tgkill, getpid(), tid, SIGUSR1);
    wait_until(&calls, 1);
    sleep_ms(5);
    say("%s: handled %d, still waits %s", what, calls, woken ? "no" : "yes");
    call(__NR_futex, &word, FUTEX_WAKE, 1);
    wait_until(&woken, 1);
    say("  result %s", result_text(result, text));
}

int main(void)
{
    struct timespec time = {5, 0};

    try("SA_RESTART, no time", SA_RESTART, NULL);
    try("SA_RESTART, with a time", SA_RESTART, &time);
    try("no SA_RESTART, no time", 0, NULL);
    try("no SA_RESTART, with a time", 0, &time);
    both();
    return 0;
}
