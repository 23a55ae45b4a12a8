/* SPDX-License-Identifier: MIT */
/*
 * Whose futex it is: memory shared between tasks made by fork is one futex
 * wherever it is mapped, even with FUTEX_PRIVATE_FLAG missing on one address
 * only; private memory after a fork is two; memory shared by CLONE_VM is one
 * with and without the flag.
 */
#include "oracle.h"

struct shared {
    volatile int word, ready;
    volatile long result;
    volatile int second;
};

static volatile int private_word;

static long wait_word(volatile int *word, int operation, long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    return call(__NR_futex, word, operation, 0, &time);
}

static long wake_word(volatile int *word, int operation)
{
    return call(__NR_futex, word, operation, 100);
}

static int waits_shared(void *argument)
{
    struct shared *shared = argument;

    shared->ready = 1;
    shared->result = wait_word(&shared->word, FUTEX_WAIT, 5000);
    return 0;
}

static int waits_private(void *argument)
{
    struct shared *shared = argument;

    shared->ready = 1;
    shared->result = wait_word(&private_word, FUTEX_WAIT, 40);
    return 0;
}

static int waits_with_flag(void *argument)
{
    struct shared *shared = argument;

    shared->ready = 1;
    shared->result =
        wait_word(&private_word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 5000);
    return 0;
}

static void try(const char *what, unsigned long flags, int (*start)(void *),
                struct shared *shared, volatile int *word, int operation)
{
    char text[16];
    long pid, woken;

    shared->ready = 0;
    shared->result = 77;
    pid = start_task(flags | SIGCHLD, start, shared);
    wait_until(&shared->ready, 1);
    sleep_ms(10);
    woken = wake_word(word, operation);
    wait_for(pid);
    say("%s: woken %ld, result %s", what, woken,
        result_text(shared->result, text));
}

/* The same memory at two addresses of one task, moved there by mremap. */
static void two_addresses(struct shared *shared)
{
    struct shared *again = mremap(shared, 0, 4096, MREMAP_MAYMOVE);

    if (again == MAP_FAILED) {
        say("mapped twice: NO");
        return;
    }
    try("wait at one address, wake at another", 0, waits_shared, shared,
        &again->word, FUTEX_WAKE);
}

int main(void)
{
    struct shared *shared = shared_page();

    try("fork, shared memory", 0, waits_shared, shared, &shared->word,
        FUTEX_WAKE);
    try("fork, private memory", 0, waits_private, shared, &private_word,
        FUTEX_WAKE);
    try("clone VM, private memory", CLONE_VM, waits_private, shared,
        &private_word, FUTEX_WAKE);
    try("clone VM, flag on both", CLONE_VM, waits_with_flag, shared,
        &private_word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG);
    try("fork, shared memory, another word", 0, waits_private, shared,
        &shared->second, FUTEX_WAKE);
    two_addresses(shared);
    return 0;
}
