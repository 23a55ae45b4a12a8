/* SPDX-License-Identifier: MIT */
/*
 * Robust mutexes: whoever waits for one whose owner dies gets it, and is told.
 * The owner is a thread that ends, a process that is killed, a process that
 * starts another program. The kernel walks the list that the library keeps.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"

static struct {
    pthread_mutex_t mutex;
    int held;
} * shared;

static void make(void)
{
    pthread_mutexattr_t how;

    pthread_mutexattr_init(&how);
    pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&shared->mutex, &how);
    __atomic_store_n(&shared->held, 0, __ATOMIC_RELEASE);
}

static void hold(void)
{
    pthread_mutex_lock(&shared->mutex);
    __atomic_store_n(&shared->held, 1, __ATOMIC_RELEASE);
}

static void *thread(void *argument)
{
    hold();
    usleep(5000);
    return argument;
}

static void take(const char *who)
{
    while (!__atomic_load_n(&shared->held, __ATOMIC_ACQUIRE))
        usleep(500);
    CHECK(pthread_mutex_lock(&shared->mutex) == EOWNERDEAD, "%s died", who);
    CHECK(pthread_mutex_consistent(&shared->mutex) == 0, "mended");
    CHECK(pthread_mutex_unlock(&shared->mutex) == 0, "given back");
    CHECK(pthread_mutex_lock(&shared->mutex) == 0, "usable again");
    pthread_mutex_unlock(&shared->mutex);
}

int main(int argc, char **argv)
{
    pthread_t other;

    if (argc > 1)
        return argv[1][0] - '0';
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    make();
    pthread_create(&other, NULL, thread, NULL);
    take("a thread");
    pthread_join(other, NULL);

    make();
    pid_t child = fork();
    if (child == 0) {
        hold();
        pause();
    }
    while (!__atomic_load_n(&shared->held, __ATOMIC_ACQUIRE))
        usleep(500);
    kill(child, SIGKILL);
    take("a process");
    waitpid(child, NULL, 0);

    make();
    child = fork();
    if (child == 0) {
        char *words[] = {"self", "0", NULL};
        hold();
        usleep(5000);
        execve("/proc/self/exe", words, words + 2);
        _exit(99);
    }
    take("another program's predecessor");
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0, "which has run");

    make();
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
    CHECK(pthread_mutex_lock(&shared->mutex) == EOWNERDEAD, "once more");
    pthread_mutex_unlock(&shared->mutex);
    CHECK(pthread_mutex_lock(&shared->mutex) == ENOTRECOVERABLE,
          "unlocked without being mended: lost");
    return check_sum();
}
