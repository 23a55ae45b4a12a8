/* SPDX-License-Identifier: MIT */
/*
 * Where clone writes the new task's number: CLONE_PARENT_SETTID before the
 * call returns, CLONE_CHILD_SETTID in the child's memory only, and
 * CLONE_CHILD_CLEARTID, which writes zero and wakes a futex when the task
 * ends, if another still has the memory. set_tid_address changes that word.
 */
#include "oracle.h"

#define THREAD_FLAGS \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

static volatile int parent_word, child_word, other_word;
static volatile int go;

static int check_words(void *argument)
{
    long tid = call(__NR_gettid);

    (void)argument;
    return (parent_word == tid ? 1 : 0) | (child_word == tid ? 2 : 0);
}

static int wait_for_go(void *argument)
{
    (void)argument;
    while (!go)
        call(__NR_sched_yield);
    return 0;
}

/* Changes the word that is cleared, and sees what the call returns. */
static int change_address(void *argument)
{
    long result = call(__NR_set_tid_address, &other_word);

    (void)argument;
    go = result == call(__NR_gettid) ? 1 : 2;
    return 0;
}

static void words(const char *what, unsigned long flags)
{
    void *stack = flags & CLONE_VM ? new_stack() : NULL;
    long tid;
    int status;

    parent_word = child_word = 0;
    tid = oracle_clone(flags | SIGCHLD, stack, (void *)&parent_word, NULL,
                       (void *)&child_word, check_words, NULL);
    status = wait_for(tid);
    say("%s: parent's word %s, child's word %s here; child saw %d", what,
        parent_word == tid ? "set"
        : parent_word      ? "WRONG"
                           : "clear",
        child_word == tid ? "set"
        : child_word      ? "WRONG"
                          : "clear",
        WEXITSTATUS(status));
}

/* Waits as pthread_join does, and says how that went. */
static void join(const char *what, volatile int *word)
{
    for (int value = *word; value != 0; value = *word)
        call(__NR_futex, word, FUTEX_WAIT, value, 0);
    check(what, *word == 0);
}

int main(void)
{
    words("no flag", 0);
    words("PARENT_SETTID", CLONE_PARENT_SETTID);
    words("CHILD_SETTID", CLONE_CHILD_SETTID);
    words("both", CLONE_PARENT_SETTID | CLONE_CHILD_SETTID);
    words("VM PARENT_SETTID", CLONE_VM | CLONE_PARENT_SETTID);
    words("VM CHILD_SETTID", CLONE_VM | CLONE_CHILD_SETTID);
    words("VM CHILD_SETTID CLEARTID",
          CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);
    words("CHILD_SETTID CLEARTID", CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);

    go = 0;
    check(
        "thread made",
        oracle_clone(THREAD_FLAGS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
                     new_stack(), (void *)&child_word, NULL,
                     (void *)&child_word, wait_for_go, NULL) == child_word);
    check("the thread's word is its number", child_word > 0);
    go = 1;
    join("cleared and woken at the end", &child_word);

    go = 0;
    child_word = other_word = 1;
    oracle_clone(THREAD_FLAGS | CLONE_CHILD_CLEARTID, new_stack(), NULL, NULL,
                 (void *)&child_word, change_address, NULL);
    join("the word of set_tid_address is cleared", &other_word);
    expect("the first word stays", child_word, 1);
    expect("set_tid_address returned the number", go, 1);
    check("set_tid_address(NULL) returns the number",
          call(__NR_set_tid_address, 0) == call(__NR_gettid));
    check("set_tid_address of a bad address too",
          call(__NR_set_tid_address, BAD) == call(__NR_gettid));
    return 0;
}
