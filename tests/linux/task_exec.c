/* SPDX-License-Identifier: MIT */
/*
 * execve of /proc/self/exe: arguments and environment arrive as given, empty
 * vectors too; memory is new, number and parent stay; handlers go back to the
 * default while ignored signals stay ignored, as do the mask and what is
 * pending; the alternate stack and the entries for TLS are forgotten.
 */
#define ORACLE_KEEP
#include "oracle.h"

extern char **environ;
static int data = 5;

static void handler(int number)
{
    (void)number;
}

/* What the program sees after execve. */
static int after(int argc, char **argv)
{
    struct sigaction action;
    sigset_t set;
    stack_t stack;

    say("arguments: %d", argc);
    for (int i = 2; i < argc; i++)
        if (argc < 4 || i > 3) /* those are numbers of tasks */
            say("  \"%.40s\", %zu bytes", argv[i], strlen(argv[i]));
    for (int i = 0; environ[i]; i++)
        say("  environment \"%s\"", environ[i]);
    if (argc < 4)
        return 21;
    check("same number", atoi(argv[2]) == call(__NR_getpid));
    check("same parent", atoi(argv[3]) == call(__NR_getppid));
    expect("data is new", data, 5);
    sigaction(SIGUSR1, NULL, &action);
    check("handler gone", action.sa_handler == SIG_DFL);
    expect("its flags gone", action.sa_flags & SA_NODEFER, 0);
    sigaction(SIGHUP, NULL, &action);
    check("ignored stays ignored", action.sa_handler == SIG_IGN);
    sigprocmask(SIG_BLOCK, NULL, &set);
    check("mask stays", sigismember(&set, SIGUSR2) == 1);
    sigpending(&set);
    check("pending signal stays", sigismember(&set, SIGUSR2) == 1);
    sigaltstack(NULL, &stack);
    expect("no alternate stack", stack.ss_flags, SS_DISABLE);
    return 22;
}

static void quiet(char *text, size_t size, long number)
{
    snprintf(text, size, "%09ld", number);
}

/* Sets up all that execve may change, then runs itself. */
static int before(void *argument)
{
    static char pid[16], ppid[16], alternate[16384];
    char *argv[] = {"self", "after", pid, ppid, "", "x y", NULL};
    char *envp[] = {"ONE=1", "EMPTY=", "NOEQUALS", NULL};
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NODEFER};
    sigset_t set;

    (void)argument;
    quiet(pid, sizeof(pid), call(__NR_getpid));
    quiet(ppid, sizeof(ppid), call(__NR_getppid));
    data = 6;
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGHUP, SIG_IGN);
    sigaltstack(&stack, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR2);
    return (int)call(__NR_execve, "/proc/self/exe", argv, envp);
}

static int empty_environment(void *argument)
{
    char *argv[] = {"self", "after", NULL};

    (void)argument;
    return (int)call(__NR_execve, "/proc/self/exe", argv, NULL);
}

/* A long argument, near the limit of 32 pages for one string. */
static int long_argument(void *argument)
{
    char *text = malloc(131072);
    char *argv[] = {"self", "after", text, NULL};

    memset(text, 'a', 131071);
    text[131071 - (intptr_t)argument] = 0;
    return (int)call(__NR_execve, "/proc/self/exe", argv, NULL) == -E2BIG ? 77
                                                                          : 78;
}

/* Runs itself again and again; each new program needs an entry for its TLS. */
static int chain(const char *text)
{
    int left = atoi(text);
    char rest[8];
    char *argv[] = {"self", "chain", rest, NULL};

    if (!left)
        return 79;
    snprintf(rest, sizeof(rest), "%d", left - 1);
    return (int)call(__NR_execve, "/proc/self/exe", argv, NULL);
}

static int chain_of_five(void *argument)
{
    (void)argument;
    return chain("5");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "after") == 0)
        return after(argc, argv);
    if (argc > 2 && strcmp(argv[1], "chain") == 0)
        return chain(argv[2]);
    oracle_start();
    in_child("with all", before, NULL);
    in_child("no environment", empty_environment, NULL);
    in_child("131,071 bytes", long_argument, (void *)0);
    in_child("131,070 bytes", long_argument, (void *)1);
    in_child("five times over", chain_of_five, NULL);
    return 0;
}
