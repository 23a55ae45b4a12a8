/* SPDX-License-Identifier: MIT */
/*
 * The status that a parent reads: every kind of exit code, and the end by
 * each signal, sent by the parent, by itself, or made by a fault; none with
 * the core flag, as the core's limit is zero. Signals that are ignored by
 * default end nothing.
 */
#include "oracle.h"

static int leave(void *argument)
{
    call(__NR_exit, (intptr_t)argument);
    return 0;
}

static int kill_self(void *argument)
{
    call(__NR_kill, call(__NR_getpid), (intptr_t)argument);
    return 17;
}

static int forever(void *argument)
{
    for (;;)
        sleep_ms(10000);
    return argument != NULL;
}

static void exit_codes(void)
{
    static const int codes[] = {0, 1, 127, 128, 255, 256, 257, -1, 0x7fff};
    char text[32];

    for (size_t i = 0; i < COUNT(codes); i++) {
        snprintf(text, sizeof(text), "exit(%d)", codes[i]);
        say_status(text, wait_for(start_task(SIGCHLD, leave,
                                             (void *)(intptr_t)codes[i])));
    }
}

/* Whatever our parent ignores or blocks, the C library's own included. */
static void forget_signals(void)
{
    uint32_t none[2] = {0, 0}, by_default[5] = {0, 0, 0, 0, 0};

    for (int number = 1; number <= 64; number++)
        call(__NR_rt_sigaction, number, by_default, NULL, 8);
    call(__NR_rt_sigprocmask, SIG_SETMASK, none, NULL, 8);
}

static void signals(void)
{
    char text[32];

    for (int number = 1; number <= 34; number++) {
        long pid;

        /* Stops are another matter. */
        if (number == SIGSTOP || number == SIGTSTP || number == SIGTTIN ||
            number == SIGTTOU)
            continue;
        snprintf(text, sizeof(text), "signal %d to itself", number);
        in_child(text, kill_self, (void *)(intptr_t)number);
        if (number == SIGCHLD || number == SIGCONT || number == SIGURG ||
            number == SIGWINCH)
            continue;
        snprintf(text, sizeof(text), "signal %d to a sleeper", number);
        pid = start_task(SIGCHLD, forever, NULL);
        call(__NR_kill, pid, number);
        say_status(text, wait_for(pid));
    }
}

static int fault(void *argument)
{
    switch ((intptr_t)argument) {
    case 0:
        *(volatile int *)BAD = 1;
        break;
    case 1:
        __asm__ volatile("ud2");
        break;
    case 2:
        __asm__ volatile("idivl %%ecx" : : "a"(1), "d"(0), "c"(0));
        break;
    case 3:
        __asm__ volatile("int3");
        break;
    case 4:
        __asm__ volatile("hlt");
        break;
    case 5:
        __asm__ volatile("cli");
        break;
    case 6:
        __asm__ volatile("outb %%al, $0x80" : : "a"(0));
        break;
    case 7:
        __asm__ volatile("int $0x21");
        break;
    case 8:
        __asm__ volatile("mov %0, %%ds" : : "r"(0x10));
        break;
    case 9:
        __asm__ volatile("jmp *%0" : : "r"(0xfffff000u));
        break;
    case 10:
        __asm__ volatile("mov %0, %%esp; push %%eax" : : "r"(BAD));
        break;
    case 11:
        abort();
    }
    return 18;
}

int main(void)
{
    static const char *const names[] = {
        "bad address", "ud2",   "divide by zero", "int3",           "hlt",
        "cli",         "out",   "int 0x21",       "kernel segment", "jump",
        "bad stack",   "abort",
    };

    exit_codes();
    forget_signals();
    signals();
    for (size_t i = 0; i < COUNT(names); i++)
        in_child(names[i], fault, (void *)(intptr_t)i);
    return 0;
}
