/* SPDX-License-Identifier: MIT */
/*
 * execve in a thread that is not the leader: all others of the group end, in
 * whatever call they are, and the thread takes the leader's number; so the
 * parent's wait sees one task that went on. A failing execve ends nobody.
 */
#include "oracle.h"
#include <pthread.h>

static pthread_barrier_t barrier;

static void *busy(void *argument)
{
    pthread_barrier_wait(&barrier);
    for (volatile int i = 0;; i++)
        ;
    return argument;
}

static void *asleep(void *argument)
{
    static int word;

    pthread_barrier_wait(&barrier);
    call(__NR_futex, &word, FUTEX_WAIT, 0, 0);
    return argument;
}

static void *waits(void *argument)
{
    pthread_barrier_wait(&barrier);
    sleep_ms(100000);
    return argument;
}

static void *runner(void *argument)
{
    static char pid[16];
    char *argv[] = {"self", "after", pid, NULL};

    pthread_barrier_wait(&barrier);
    snprintf(pid, sizeof(pid), "%d", getpid());
    sleep_ms(5);
    expect("execve of nothing from a thread",
           call(__NR_execve, "/no/such", argv, NULL), -ENOENT);
    call(__NR_execve, "/proc/self/exe", argv, NULL);
    return argument;
}

static int group(void *argument)
{
    pthread_t thread;

    pthread_barrier_init(&barrier, NULL, 5);
    pthread_create(&thread, NULL, busy, NULL);
    pthread_create(&thread, NULL, asleep, NULL);
    pthread_create(&thread, NULL, waits, NULL);
    pthread_create(&thread, NULL, runner, NULL);
    pthread_barrier_wait(&barrier);
    if (argument == (void *)1)
        for (volatile int i = 0;; i++)
            ;
    pause();
    return 1;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "after") == 0) {
        check("number is the leader's", atoi(argv[2]) == getpid());
        check("and the task's", call(__NR_gettid) == getpid());
        expect("no other thread", call(__NR_tgkill, getpid(), getpid() + 1, 0),
               -ESRCH);
        expect("no child", call(__NR_wait4, -1, NULL, __WALL, 0), -ECHILD);
        return 33;
    }
    in_child("leader waits", group, NULL);
    in_child("leader runs", group, (void *)1);
    return 0;
}
