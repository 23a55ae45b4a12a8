/* SPDX-License-Identifier: MIT */
/*
 * The end of a program: functions of atexit() in reverse order, one that adds
 * another, constructors and destructors of the file, buffers written last; and
 * exit() in a thread that is not the first, while others wait.
 *
 * run: expect=6
 */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"

__attribute__((constructor)) static void before_main(void)
{
    /* As into a pipe, wherever it goes: the guest has a terminal. */
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    printf("constructor\n");
}

__attribute__((destructor)) static void after_main(void)
{
    printf("destructor\n");
}

static void added_late(void)
{
    printf("added while ending\n");
}

static void first(void)
{
    printf("registered first\n");
}

static void second(void)
{
    printf("registered second\n");
    atexit(added_late);
}

static void *waits(void *argument)
{
    for (;;)
        pause();
    return argument;
}

static void *ends(void *argument)
{
    printf("a thread ends the program\n");
    exit(6);
    return argument;
}

int main(void)
{
    pthread_t thread;
    int status = 0;

    atexit(first);
    atexit(second);
    for (int i = 0; i < 40; i++)
        if (atexit(before_main)) /* more than the 32 that are promised */
            printf("not even 40\n");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        printf("NOT written by _exit\n");
        _exit(3);
    }
    waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 3, "_exit writes no buffer");
    pthread_create(&thread, NULL, waits, NULL);
    pthread_create(&thread, NULL, ends, NULL);
    pause();
    return 1;
}
