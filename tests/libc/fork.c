/* SPDX-License-Identifier: MIT */
/*
 * fork() and waitpid(): statuses of all kinds, memory that is copied, order of
 * ends, a tree of tasks, fork() in a program with threads, atfork handlers,
 * many children at once, errors of waiting.
 *
 * run: tier=quick
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"

static int value = 1;
static char page[3 * 4096];
static char order[8];

static int wait_for(pid_t child)
{
    int status = -1;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void statuses(void)
{
    static const int codes[] = {0, 1, 127, 128, 255, 256, -1};
    static const int signals[] = {SIGTERM, SIGKILL, SIGUSR1, SIGALRM};

    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(codes[i]);
        int status = wait_for(child);
        CHECK(WIFEXITED(status), "_exit(%d): %d", codes[i],
              WEXITSTATUS(status));
    }
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        pid_t child = fork();
        if (child == 0) {
            pause();
            _exit(0);
        }
        kill(child, signals[i]);
        int status = wait_for(child);
        CHECK(WIFSIGNALED(status), "killed by %d: %d", signals[i],
              WTERMSIG(status));
    }
}

static void memory(void)
{
    int local = 10;
    char *heap = malloc(100000);

    strcpy(heap, "heap");
    strcpy(page + 5000, "bss");
    pid_t child = fork();
    if (child == 0) {
        int right = value == 1 && local == 10 && !strcmp(heap, "heap") &&
                    !strcmp(page + 5000, "bss");
        value = local = 99;
        strcpy(heap, "child");
        strcpy(page + 5000, "child");
        _exit(right ? 7 : 8);
    }
    value = 2;
    int status = wait_for(child);
    CHECK(WEXITSTATUS(status) == 7, "the child sees what was there before");
    CHECK(value == 2 && local == 10, "its writes are its own");
    CHECK(!strcmp(heap, "heap") && !strcmp(page + 5000, "bss"), "everywhere");
    free(heap);
}

/* The number of tasks below and with this one. */
static int tree(int depth)
{
    int sum = 1;

    for (int i = 0; depth && i < 3; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(tree(depth - 1));
        sum += WEXITSTATUS(wait_for(child));
    }
    return sum;
}

static void many(void)
{
    pid_t children[60];
    int sum = 0, n = 0;

    for (int i = 0; i < 60; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(i);
        n += children[i] > 0;
    }
    for (int status; wait(&status) > 0;)
        sum += WEXITSTATUS(status);
    CHECK(n == 60 && sum == 60 * 59 / 2, "%d children, sum %d", n, sum);
    CHECK(wait(NULL) == -1 && errno == ECHILD, "no more: ECHILD");
    CHECK(waitpid(getpid(), NULL, 0) == -1 && errno == ECHILD, "not oneself");
    CHECK(waitpid(-1, NULL, 0x10000000) == -1 && errno == EINVAL, "EINVAL");
}

static void before(void)
{
    strcat(order, "b");
}
static void in_parent(void)
{
    strcat(order, "p");
}
static void in_child(void)
{
    strcat(order, "c");
}

static void *busy(void *stop)
{
    while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED))
        free(malloc(1000));
    return NULL;
}

/* Only the calling thread is in the child; its heap must be usable. */
static void with_threads(void)
{
    pthread_t threads[4];
    int stop = 0, wrong = 0;

    pthread_atfork(before, in_parent, in_child);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, busy, &stop);
    for (int i = 0; i < 10; i++) {
        order[0] = 0;
        pid_t child = fork();
        if (child == 0) {
            free(malloc(5000));
            _exit(strcmp(order, "bc") == 0 ? 0 : 1);
        }
        wrong += strcmp(order, "bp") != 0;
        wrong += wait_for(child) != 0;
    }
    stop = 1;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK(!wrong, "fork beside four busy threads");
}

int main(void)
{
    statuses();
    memory();
    CHECK(tree(3) == 40, "a tree of 40 tasks");
    many();
    with_threads();
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            usleep(20000); /* until the parent is gone */
            _exit(0);
        }
        _exit(4);
    }
    CHECK(WEXITSTATUS(wait_for(child)) == 4, "a child that leaves an orphan");
    return check_sum();
}
