/* SPDX-License-Identifier: MIT */
/*
 * sigaltstack: a handler with SA_ONSTACK runs there, cannot change it while
 * it does, nests on it, and its stack overflow is caught on it; errors; what
 * a fork and a clone take over; SS_AUTODISARM.
 */
#include "oracle.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static char alternate[32768] __attribute__((aligned(16)));
static volatile int inside, flags_inside, change_inside, calls;

static bool on_alternate(void *address)
{
    return (char *)address >= alternate &&
           (char *)address < alternate + sizeof(alternate);
}

static void handler(int number)
{
    stack_t stack, other = {.ss_flags = SS_DISABLE};
    char here;

    calls++;
    if (calls == 1 && number == SIGUSR2)
        raise(SIGUSR1);
    inside = on_alternate(&here);
    call(__NR_sigaltstack, NULL, &stack);
    flags_inside = stack.ss_flags;
    change_inside = (int)call(__NR_sigaltstack, &other, NULL);
}

static void try(const char *what, int number, int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    char text[16];

    calls = 0;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    raise(number);
    say("%s: %d calls, %s, flags %#x, change there %s", what, calls,
        inside ? "on it" : "not on it", (unsigned)flags_inside,
        result_text(change_inside, text));
}

static int recurse(int depth)
{
    volatile char page[4096];

    page[0] = (char)depth;
    if (depth == 1000000)
        return 0;
    return recurse(depth + 1) + page[0];
}

static void overflow(int number)
{
    char here;

    call(__NR_exit_group, number == SIGSEGV && on_alternate(&here) ? 30 : 31);
}

static int overflows(void *argument)
{
    struct sigaction action = {.sa_handler = overflow, .sa_flags = SA_ONSTACK};
    struct rlimit limit = {256 * 1024, 256 * 1024};

    setrlimit(RLIMIT_STACK, &limit);
    sigaction(SIGSEGV, &action, NULL);
    return recurse(argument != NULL);
}

/* No alternate stack, and the ordinary one is used up: no handler runs. */
static int overflows_without(void *argument)
{
    stack_t none = {.ss_flags = SS_DISABLE};

    sigaltstack(&none, NULL);
    return overflows(argument);
}

static int flags_of_child(void *argument)
{
    stack_t stack;

    (void)argument;
    call(__NR_sigaltstack, NULL, &stack);
    return stack.ss_flags == 0 ? 40 : stack.ss_flags;
}

static void errors(void)
{
    stack_t stack = {.ss_sp = alternate, .ss_size = 1000};

    expect("too small", call(__NR_sigaltstack, &stack, NULL), -ENOMEM);
    stack.ss_size = 2047;
    expect("2,047 bytes", call(__NR_sigaltstack, &stack, NULL), -ENOMEM);
    stack.ss_flags = 4;
    expect("unknown flag", call(__NR_sigaltstack, &stack, NULL), -EINVAL);
    stack.ss_flags = SS_DISABLE | SS_ONSTACK;
    expect("two flags", call(__NR_sigaltstack, &stack, NULL), -EINVAL);
    expect("new bad", call(__NR_sigaltstack, BAD, NULL), -EFAULT);
    expect("old bad", call(__NR_sigaltstack, NULL, BAD), -EFAULT);
    stack.ss_flags = SS_ONSTACK;
    stack.ss_size = sizeof(alternate);
    expect("SS_ONSTACK is taken as 0", call(__NR_sigaltstack, &stack, NULL), 0);
}

int main(void)
{
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)}, old;

    memset(&old, 0xff, sizeof(old));
    expect("none at first", call(__NR_sigaltstack, &stack, &old), 0);
    check("  disabled", old.ss_flags == SS_DISABLE && !old.ss_sp);
    try("SA_ONSTACK", SIGUSR1, SA_ONSTACK);
    try("nested", SIGUSR2, SA_ONSTACK);
    try("not SA_ONSTACK", SIGUSR1, 0);
    sigaltstack(NULL, &old);
    check("that handler could disable it", old.ss_flags == SS_DISABLE);
    try("disabled", SIGUSR1, SA_ONSTACK);
    sigaltstack(&stack, NULL);
    in_child("overflow", overflows, NULL);
    in_child("overflow without", overflows_without, NULL);
    in_child("fork keeps it", flags_of_child, NULL);
    say_status("clone VM does not",
               wait_for(start_task(CLONE_VM | SIGCHLD, flags_of_child, NULL)));
    errors();
    stack.ss_flags = (int)SS_AUTODISARM;
    sigaltstack(&stack, NULL);
    try("SS_AUTODISARM", SIGUSR1, SA_ONSTACK);
    sigaltstack(NULL, &old);
    check("  disarmed, as the old frame cannot hold it",
          old.ss_flags == SS_DISABLE);
    sigaltstack(&stack, NULL);
    try("SS_AUTODISARM SA_SIGINFO", SIGUSR1, SA_ONSTACK | SA_SIGINFO);
    sigaltstack(NULL, &old);
    check("  armed again", old.ss_flags == (int)SS_AUTODISARM);
    return 0;
}
