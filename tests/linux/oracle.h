/* SPDX-License-Identifier: MIT */
/*
 * What the programs of tests/linux that are about tasks, signals, futexes,
 * handles and start-up have in common. Each runs on Linux and in Quartet, and
 * what it prints must not differ by a byte: so no address, number of a task
 * or time is ever printed, only the outcome of a check, and beside it the
 * outcome that Linux gives, should it be another.
 *
 * The calls are raw: call() and task_clone() go straight to int 0x80 and
 * return negative error numbers, so that no library's opinion is tested. Code
 * in tasks that share memory may use nothing else: they have no TLS.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNUSED    __attribute__((unused))
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define BAD       ((void *)8) /* nothing is ever mapped there */
#define STACK_TOP (64 * 1024)

/* A system call: its number and up to six arguments, each 32 bits wide. */
long oracle_call(long number, ...);
#define call(...) oracle_call(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

/*
 * clone(): the new task calls start(argument) and exits with what that
 * returns. Without a stack it goes on with its copy of the caller's, or, with
 * CLONE_VM | CLONE_VFORK, below the caller's frame.
 */
long oracle_clone(unsigned long flags, void *stack, void *parent_tid, void *tls,
                  void *child_tid, int (*start)(void *), void *argument);

__asm__(".pushsection .text\n"
        ".type oracle_call, @function\n"
        "oracle_call:\n"
        "    push %ebx\n    push %esi\n    push %edi\n    push %ebp\n"
        "    mov 20(%esp), %eax\n    mov 24(%esp), %ebx\n"
        "    mov 28(%esp), %ecx\n    mov 32(%esp), %edx\n"
        "    mov 36(%esp), %esi\n    mov 40(%esp), %edi\n"
        "    mov 44(%esp), %ebp\n    int $0x80\n"
        "    pop %ebp\n    pop %edi\n    pop %esi\n    pop %ebx\n    ret\n"
        ".type oracle_clone, @function\n"
        "oracle_clone:\n"
        "    push %ebx\n    push %esi\n    push %edi\n    push %ebp\n"
        "    mov 20(%esp), %ebx\n    mov 24(%esp), %ecx\n"
        "    mov 28(%esp), %edx\n    mov 32(%esp), %esi\n"
        "    mov 36(%esp), %edi\n    mov 40(%esp), %eax\n"
        "    mov 44(%esp), %ebp\n"
        "    push %ebp\n    push %eax\n"
        "    test %ecx, %ecx\n    jz 1f\n"
        "    sub $8, %ecx\n    mov %eax, (%ecx)\n    mov %ebp, 4(%ecx)\n"
        "1:  mov $120, %eax\n    int $0x80\n"
        "    test %eax, %eax\n    jz 2f\n"
        "    add $8, %esp\n"
        "    pop %ebp\n    pop %edi\n    pop %esi\n    pop %ebx\n    ret\n"
        "2:  pop %eax\n    call *%eax\n"
        "    mov %eax, %ebx\n    mov $1, %eax\n    int $0x80\n    hlt\n"
        ".popsection\n");

/* One whole line in one write: nothing is buffered that a fork could copy. */
static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
    char line[256];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof(line) - 1, format, list);
    va_end(list);
    strcat(line, "\n");
    if (write(1, line, strlen(line)) < 0)
        _exit(99);
}

/* A result as text: an error's name, or the number. */
UNUSED static const char *result_text(long result, char text[16])
{
    if (result < 0 && result > -4096 && strerrorname_np((int)-result))
        return strerrorname_np((int)-result);
    snprintf(text, 16, "%ld", result);
    return text;
}

/* "what: EINVAL"; should Linux have given something else, that too. */
UNUSED static void expect(const char *what, long got, long want)
{
    char one[16], two[16];

    if (got == want)
        say("%s: %s", what, result_text(got, one));
    else
        say("%s: %s, EXPECTED %s", what, result_text(got, one),
            result_text(want, two));
}

/* "what: yes", or "what: NO". */
UNUSED static void check(const char *what, bool holds)
{
    say("%s: %s", what, holds ? "yes" : "NO");
}

UNUSED static const char *signal_text(int number, char text[16])
{
    const char *name = sigabbrev_np(number);

    if (name)
        snprintf(text, 16, "SIG%s", name);
    else
        snprintf(text, 16, "signal %d", number);
    return text;
}

/* How a child ended, from wait4's status. */
UNUSED static void say_status(const char *what, int status)
{
    char text[16];

    if (WIFEXITED(status))
        say("%s: exit %d", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        say("%s: %s%s", what, signal_text(WTERMSIG(status), text),
            WCOREDUMP(status) ? " with a core" : "");
    else
        say("%s: status %#x", what, (unsigned)status);
}

/* Waits for one task, whatever its exit signal is; returns its status. */
UNUSED static int wait_for(long tid)
{
    int status = -1;

    while (call(__NR_wait4, tid, &status, __WALL, 0) == -EINTR)
        ;
    return status;
}

/* Runs a function in a child of its own and tells how that ended. */
UNUSED static void in_child(const char *what, int (*function)(void *),
                            void *argument)
{
    long pid = call(__NR_fork);

    if (pid == 0)
        call(__NR_exit_group, function(argument));
    say_status(what, wait_for(pid));
}

/* A stack for task_clone: its end; it is never given back. */
UNUSED static void *new_stack(void)
{
    char *stack = mmap(NULL, STACK_TOP, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return stack + STACK_TOP;
}

/* A page that a child made by fork shares with its parent. */
UNUSED static void *shared_page(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
}

/* A clone that starts a function, with a stack where memory is shared. */
UNUSED static long start_task(unsigned long flags, int (*start)(void *),
                              void *argument)
{
    void *stack = flags & CLONE_VM ? new_stack() : NULL;

    return oracle_clone(flags, stack, NULL, NULL, NULL, start, argument);
}

UNUSED static void sleep_ms(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    while (call(__NR_nanosleep, &time, &time) == -EINTR)
        ;
}

/* Waits until *word is `value`, at most five seconds: did it come? */
UNUSED static bool wait_until(volatile int *word, int value)
{
    for (int i = 0; i < 5000 && *word != value; i++)
        sleep_ms(1);
    return *word == value;
}

/*
 * The runner's own dispositions and mask are not the test's. A program that
 * wants to see those it was started with defines ORACLE_KEEP.
 */
#ifndef ORACLE_KEEP
__attribute__((constructor))
#else
UNUSED
#endif
static void
oracle_start(void)
{
    struct rlimit none = {0, 0};
    sigset_t empty;

    for (int number = 1; number < 32; number++)
        signal(number, SIG_DFL);
    sigemptyset(&empty);
    sigprocmask(SIG_SETMASK, &empty, NULL);
    setrlimit(RLIMIT_CORE, &none);
}
