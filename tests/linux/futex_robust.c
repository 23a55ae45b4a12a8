/* SPDX-License-Identifier: MIT */
/*
 * The robust list: the futexes on it that the task still holds when it dies
 * get FUTEX_OWNER_DIED, a waiter is woken; also the pending one; however the
 * task dies; a list that is broken or a circle does no harm. Then the same
 * through a robust mutex shared between processes.
 */
#include "oracle.h"
#include <pthread.h>
#include <stddef.h>

struct lock {
    struct robust_list list;
    volatile int word;
};

struct shared {
    struct robust_list_head head;
    struct lock locks[3];
    pthread_mutex_t mutex;
    volatile int ready;
};

static struct shared *shared;
static int how;

enum {
    EXIT,
    KILLED,
    PENDING,
    NOT_OWNER,
    WAITERS,
    CIRCLE,
    BAD_NEXT,
    BAD_SIZE,
    FAULT,
    EXEC,
    CASES
};

static void add(int index, uint32_t word)
{
    struct lock *lock = &shared->locks[index];

    lock->word = (int)word;
    lock->list.next = shared->head.list.next;
    shared->head.list.next = &lock->list;
}

static int holder(void *argument)
{
    uint32_t tid = (uint32_t)call(__NR_gettid);
    size_t size = sizeof(shared->head);

    (void)argument;
    memset(shared, 0, offsetof(struct shared, mutex));
    shared->head.list.next = &shared->head.list;
    shared->head.futex_offset = offsetof(struct lock, word);
    add(0, tid);
    add(1, how == WAITERS ? tid | FUTEX_WAITERS : tid);
    if (how == NOT_OWNER)
        shared->locks[1].word = (int)(tid ^ 1);
    if (how == PENDING) {
        shared->head.list_op_pending = &shared->locks[2].list;
        shared->locks[2].word = (int)tid;
    }
    if (how == CIRCLE)
        shared->locks[0].list.next = &shared->locks[0].list;
    if (how == BAD_NEXT)
        shared->locks[1].list.next = BAD;
    if (how == BAD_SIZE)
        size = 8;
    expect("  set_robust_list", call(__NR_set_robust_list, &shared->head, size),
           how == BAD_SIZE ? -EINVAL : 0);
    shared->ready = 1;
    if (how == WAITERS)
        sleep_ms(20);
    if (how == KILLED)
        call(__NR_kill, tid, SIGKILL);
    if (how == FAULT)
        *(volatile int *)BAD = 0;
    if (how == EXEC) {
        char *argv[] = {"self", "exec", NULL};

        call(__NR_execve, "/proc/self/exe", argv, NULL);
    }
    return 0;
}

static const char *word_text(int index)
{
    uint32_t word = (uint32_t)shared->locks[index].word;

    if (word & FUTEX_OWNER_DIED)
        return word & FUTEX_TID_MASK  ? "DIED AND OWNED"
               : word & FUTEX_WAITERS ? "owner died, waiters"
                                      : "owner died";
    return word ? "held" : "zero";
}

static void try(const char *what)
{
    long pid, result = -1;
    int word;

    say("%s:", what);
    shared->ready = 0;
    pid = start_task(SIGCHLD, holder, NULL);
    if (how == WAITERS) {
        wait_until(&shared->ready, 1);
        word = shared->locks[1].word;
        result = call(__NR_futex, &shared->locks[1].word, FUTEX_WAIT, word, 0);
        expect("  woken at its death", result, 0);
    }
    say_status("  status", wait_for(pid));
    say("  words: %s, %s, %s", word_text(0), word_text(1), word_text(2));
}

static int lock_and_die(void *argument)
{
    int result = pthread_mutex_lock(&shared->mutex);

    if (argument)
        raise(SIGKILL);
    return result;
}

static void mutex(void)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&shared->mutex, &attributes);
    for (int i = 0; i < 2; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(lock_and_die(i ? shared : NULL));
        say_status("robust mutex: its holder", wait_for(pid));
        expect("  lock", -pthread_mutex_lock(&shared->mutex), -EOWNERDEAD);
        expect("  consistent", pthread_mutex_consistent(&shared->mutex), 0);
        expect("  unlock", pthread_mutex_unlock(&shared->mutex), 0);
    }
    fork() == 0 ? _exit(lock_and_die(NULL)) : (void)wait(NULL);
    expect("  lock", -pthread_mutex_lock(&shared->mutex), -EOWNERDEAD);
    expect("  unlock, not made consistent",
           pthread_mutex_unlock(&shared->mutex), 0);
    expect("  lock", -pthread_mutex_lock(&shared->mutex), -ENOTRECOVERABLE);
}

int main(int argc, char **argv)
{
    static const char *const names[CASES] = {
        "exit",         "killed",   "a pending one", "not its own",
        "with waiters", "a circle", "a bad link",    "a wrong size",
        "fault",        "execve",
    };

    if (argc > 1 && strcmp(argv[1], "exec") == 0)
        return 9;
    shared = shared_page();
    for (how = 0; how < CASES; how++)
        try(names[how]);
    mutex();
    return 0;
}
