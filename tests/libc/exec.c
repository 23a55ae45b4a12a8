/* SPDX-License-Identifier: MIT */
/*
 * The program starts itself again, ten times in a row with a counter in its
 * arguments: the same task goes on in a new MM. Once from a second thread,
 * which takes over the number of the first; and by vfork() and posix_spawn().
 * What must not pass execve(): handlers, memory, threads. What must: mask,
 * ignored signals, number, parent, open files.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"

static const char self[] = "/proc/self/exe";
static char *nothing[] = {NULL};
static int touched;

static void again(const char *what, const char *number)
{
    char *words[] = {"self", (char *)what, (char *)number, NULL};

    execve(self, words, nothing);
    _exit(99);
}

static void handler(int number)
{
    (void)number;
}

static int chain(const char *word)
{
    char number[12];
    struct sigaction usr1, usr2;
    sigset_t mask;
    int n = atoi(word);

    sigaction(SIGUSR1, NULL, &usr1);
    sigaction(SIGUSR2, NULL, &usr2);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    int right = !touched && usr1.sa_handler == SIG_DFL &&
                (n == 0 || usr2.sa_handler == SIG_IGN) &&
                (n == 0 || sigismember(&mask, SIGHUP) == 1);
    if (!right)
        return 50 + n;
    if (n == 10)
        return 10;
    touched = 1;
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&mask);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    snprintf(number, sizeof(number), "%d", n + 1);
    again("--chain", number);
    return 98;
}

static void *from_thread(void *number)
{
    again("--number", number);
    return NULL;
}

static void *forever(void *argument)
{
    for (;;)
        pause();
    return argument;
}

static int file_is_open(int file)
{
    return fcntl(file, F_GETFD) != -1;
}

static int started_again(char **argv)
{
    if (!strcmp(argv[1], "--chain"))
        return chain(argv[2]);
    if (!strcmp(argv[1], "--number"))
        return getpid() == atoi(argv[2]) ? 21 : 22;
    if (!strcmp(argv[1], "--files"))
        return file_is_open(5) && !file_is_open(6) ? 31 : 32;
    return atoi(argv[2]);
}

static int wait_for(pid_t child)
{
    int status = -1;

    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void threads(void)
{
    pid_t child = fork();

    if (child == 0) {
        char number[12];
        pthread_t other;
        snprintf(number, sizeof(number), "%d", getpid());
        for (int i = 0; i < 3; i++)
            pthread_create(&other, NULL, forever, NULL);
        pthread_create(&other, NULL, from_thread, number);
        pause();
        _exit(97);
    }
    CHECK(wait_for(child) == 21, "execve in a thread: the group's number");
}

static void files(void)
{
    pid_t child = fork();

    if (child == 0) {
        int file = open(self, O_RDONLY);
        dup2(file, 5);
        dup3(file, 6, O_CLOEXEC);
        again("--files", "");
    }
    CHECK(wait_for(child) == 31, "open files pass, unless they shall not");
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return started_again(argv);
    pid_t child = fork();
    if (child == 0)
        again("--chain", "0");
    CHECK(wait_for(child) == 10, "ten lives of one task");
    threads();
    files();
    child = vfork();
    if (child == 0)
        again("--status", "44");
    CHECK(wait_for(child) == 44, "vfork and execve");
#ifdef __GLIBC__ /* musl's posix_spawn needs a pipe: there are none yet */
    char *words[] = {"self", "--status", "45", NULL};
    int error = posix_spawn(&child, self, NULL, NULL, words, nothing);
    CHECK(!error && wait_for(child) == 45, "posix_spawn");
    error = posix_spawn(&child, "/no/such/file", NULL, NULL, words, nothing);
    CHECK(error != 0, "posix_spawn of nothing: %s", strerror(error));
#endif
    return check_sum();
}
