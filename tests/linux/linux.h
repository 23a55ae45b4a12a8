/* SPDX-License-Identifier: MIT */
/*
 * What the Linux programs of this folder share. They are ordinary static i386
 * programs: the same binary runs on a Linux host and in Quartet, and both have
 * to print the same bytes. So a line says what was tried and what came of it,
 * never an address, a time or an identity. Whatever may fault is tried through
 * a probe, which reports the signal and its cause; a piece that would disturb
 * the rest runs in a child.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE   4096u
#define UNUSED __attribute__((unused))
#define RW     (PROT_READ | PROT_WRITE)
#define ANON   (MAP_PRIVATE | MAP_ANONYMOUS)

static int checks_made; /* lines printed by report() and check() */

/* --- what a system call said --- */

#define E(name)     \
    {               \
        name, #name \
    }
static UNUSED const char *error_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        E(EPERM),  E(ENOENT), E(ESRCH),  E(EINTR),     E(EIO),       E(E2BIG),
        E(EBADF),  E(ECHILD), E(EAGAIN), E(ENOMEM),    E(EACCES),    E(EFAULT),
        E(EBUSY),  E(EEXIST), E(ENODEV), E(ENOTDIR),   E(EISDIR),    E(EINVAL),
        E(EMFILE), E(ENOTTY), E(ERANGE), E(EOVERFLOW), E(ETIMEDOUT), E(ENOSYS),
    };
    static char other[16];
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].number == number)
            return names[i].name;
    snprintf(other, sizeof(other), "error %d", number);
    return other;
}
#undef E

/* A raw system call: what it returned, errors as negative numbers. */
#define CALL(...) call_result(syscall(__VA_ARGS__))
static UNUSED unsigned long call_result(long result)
{
    return result == -1 ? (unsigned long)-errno : (unsigned long)result;
}

static UNUSED int failed(unsigned long result)
{
    return result > -4096ul;
}

static UNUSED const char *outcome(unsigned long result)
{
    return failed(result) ? error_name(-(int)result) : "ok";
}

static UNUSED void tell(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout); /* so that a fork does not print it twice */
    checks_made++;
}

static UNUSED void report(const char *what, unsigned long result)
{
    tell("%s: %s", what, outcome(result));
}

static UNUSED void check(const char *what, int holds)
{
    tell("%s %s", holds ? "ok " : "BAD", what);
}

/* The last line of a program; its result is what main() returns. */
static UNUSED int finish(void)
{
    printf("%d checks\n", checks_made);
    fflush(stdout);
    return 0;
}

/* --- probes: what an access does --- */

static __thread sigjmp_buf probe_return;
static __thread volatile sig_atomic_t probing;
static __thread volatile uint32_t probe_address; /* si_addr of the fault */

static UNUSED const char *fault_name(int fault)
{
    switch (fault) {
    case 0:
        return "ok";
    case 1:
        return "SIGSEGV MAPERR";
    case 2:
        return "SIGSEGV ACCERR";
    case 3:
        return "SIGBUS";
    default:
        return "another fault";
    }
}

static UNUSED void probe_fault(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (!probing) { /* not a probe's: die of it, where it happened */
        signal(number, SIG_DFL);
        return;
    }
    probing = 0;
    probe_address = (uint32_t)info->si_addr;
    int fault = 4;
    if (number == SIGBUS)
        fault = 3;
    else if (info->si_code == SEGV_MAPERR)
        fault = 1;
    else if (info->si_code == SEGV_ACCERR)
        fault = 2;
    siglongjmp(probe_return, fault);
}

/*
 * Handlers run on a stack of their own, so that probes below it work. The
 * stack is limited, or a touch far below it could make it grow.
 */
static UNUSED void probes_begin(void)
{
    static char stack[32768] __attribute__((aligned(16)));
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) == 0) {
        limit.rlim_cur = 8u << 20;
        setrlimit(RLIMIT_STACK, &limit);
    }
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    sigaltstack(&alternate, NULL);
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = probe_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

/* Reads a word; 0, or which fault it was (see fault_name()). */
static UNUSED int probe_read(const volatile void *address, uint32_t *value)
{
    int fault = sigsetjmp(probe_return, 1);
    if (fault)
        return fault;
    probing = 1;
    uint32_t word = *(const volatile uint32_t *)address;
    probing = 0;
    if (value)
        *value = word;
    return 0;
}

static UNUSED int probe_write(volatile void *address, uint32_t value)
{
    int fault = sigsetjmp(probe_return, 1);
    if (fault)
        return fault;
    probing = 1;
    *(volatile uint32_t *)address = value;
    probing = 0;
    return 0;
}

static UNUSED const char *reading(const volatile void *address)
{
    return fault_name(probe_read(address, NULL));
}

static UNUSED const char *writing(volatile void *address)
{
    return fault_name(probe_write(address, 0x12345678));
}

/* "what: read ok, write SIGSEGV ACCERR" */
static UNUSED void access_of(const char *what, volatile void *address)
{
    const char *read = reading(address);
    tell("%s: read %s, write %s", what, read, writing(address));
}

/* --- memory --- */

static UNUSED unsigned long map(void *hint, size_t size, int prot, int flags,
                                int file, uint32_t page)
{
    return CALL(SYS_mmap2, hint, size, prot, flags, file, page);
}

/* Anonymous private memory that must be had, or the program ends. */
static UNUSED char *memory(size_t pages, int prot)
{
    unsigned long address =
        map(NULL, pages * PAGE, prot, ANON | MAP_NORESERVE, -1, 0);
    if (failed(address)) {
        printf("no memory for the test: %s\n", outcome(address));
        exit(1);
    }
    return (char *)address;
}

/*
 * The same between two holes of a page, behind which no rights are, so that
 * nothing merges with it and no map that is longer gets next to it.
 */
static UNUSED char *island(size_t pages, int prot)
{
    char *all = memory(pages + 4, PROT_NONE);
    munmap(all + PAGE, PAGE);
    munmap(all + (pages + 2) * PAGE, PAGE);
    mprotect(all + 2 * PAGE, pages * PAGE, prot);
    return all + 2 * PAGE;
}

static UNUSED uint32_t *word(char *memory, unsigned page)
{
    return (uint32_t *)(void *)(memory + page * PAGE);
}

/* Writes first + i into page i; holds() asks whether they are still there. */
static UNUSED void fill(char *memory, unsigned pages, uint32_t first)
{
    for (unsigned i = 0; i < pages; i++)
        *word(memory, i) = first + i;
}

static UNUSED int holds(char *memory, unsigned pages, uint32_t first)
{
    for (unsigned i = 0; i < pages; i++)
        if (*word(memory, i) != first + i)
            return 0;
    return 1;
}

static UNUSED int zeros(char *memory, unsigned pages)
{
    for (unsigned i = 0; i < pages * PAGE; i++)
        if (memory[i])
            return 0;
    return 1;
}

/* One letter a page: r readable, w writable, - neither (it does fault). */
static UNUSED const char *picture(char *memory, unsigned pages)
{
    static char text[65];
    if (pages > 64)
        pages = 64;
    for (unsigned i = 0; i < pages; i++) {
        uint32_t value;
        int fault = probe_read(word(memory, i), &value);
        if (fault)
            text[i] = fault == 1 ? '.' : fault == 2 ? '-' : '!';
        else
            text[i] = probe_write(word(memory, i), value) ? 'r' : 'w';
    }
    text[pages] = 0;
    return text;
}

/* --- children --- */

/* Runs `body` in a child that exits with its result; the wait status. */
static UNUSED int in_child(int (*body)(void *), void *argument)
{
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(body(argument));
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return status;
}

static UNUSED const char *status_name(int status)
{
    static char text[32];
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
        return "killed by SIGSEGV";
    if (WIFSIGNALED(status))
        snprintf(text, sizeof(text), "killed by %d", WTERMSIG(status));
    else
        snprintf(text, sizeof(text), "exit %d", WEXITSTATUS(status));
    return text;
}

static UNUSED void child_does(const char *what, int (*body)(void *),
                              void *argument)
{
    int status = in_child(body, argument);
    tell("%s: %s", what, status == -1 ? "no child" : status_name(status));
}
