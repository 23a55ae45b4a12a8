/* SPDX-License-Identifier: MIT */
/*
 * What a handler is told about each kind of fault: signal, code, and si_addr,
 * compared with the address that the test used. A fault whose signal is
 * blocked or ignored ends the task all the same.
 */
#include "oracle.h"
#include <setjmp.h>
#include <stddef.h>
#include <ucontext.h>

static sigjmp_buf here;
static siginfo_t got;
static ucontext_t frame;

static void handler(int number, siginfo_t *info, void *context)
{
    got = *info;
    memcpy(&frame, context,
           sizeof(mcontext_t) + offsetof(ucontext_t, uc_mcontext));
    siglongjmp(here, number);
}

static char *read_only, *none;
extern const char fault_here[] __asm__("fault_here");

enum {
    MAPERR,
    READ_ONLY,
    NO_ACCESS,
    KERNEL,
    WILD_JUMP,
    UD2,
    DIVIDE,
    OVERFLOW,
    INT3,
    INTO,
    BOUND,
    HLT,
    INT_UNUSED,
    IN,
    KINDS
};

static void fault(int kind)
{
    static const int bounds[2] = {0, 1};

    switch (kind) {
    case MAPERR:
        *(volatile int *)BAD = 0;
        break;
    case READ_ONLY:
        *(volatile char *)(read_only + 5) = 1;
        break;
    case NO_ACCESS:
        (void)*(volatile char *)(none + 7);
        break;
    case KERNEL:
        (void)*(volatile int *)0xffffe010u;
        break;
    case WILD_JUMP:
        ((void (*)(void))(uintptr_t)0x18)();
        break;
    case UD2:
        __asm__ volatile("fault_here: ud2");
        break;
    case DIVIDE:
        __asm__ volatile("idivl %%ecx" : : "a"(1), "d"(0), "c"(0));
        break;
    case OVERFLOW:
        __asm__ volatile("idivl %%ecx" : : "a"(0), "d"(0x40000000), "c"(1));
        break;
    case INT3:
        __asm__ volatile("int3");
        break;
    case INTO:
        __asm__ volatile("movb $0x7f, %%al; addb $1, %%al; into" : : : "eax");
        break;
    case BOUND:
        __asm__ volatile("bound %0, %1" : : "r"(9), "m"(bounds));
        break;
    case HLT:
        __asm__ volatile("hlt");
        break;
    case INT_UNUSED:
        __asm__ volatile("int $0x90");
        break;
    case IN:
        __asm__ volatile("inb $0x60, %%al" : : : "eax");
        break;
    default:
        break;
    }
}

static const char *address(int kind)
{
    char *at = got.si_addr;
    char *eip = (char *)(uintptr_t)frame.uc_mcontext.gregs[REG_EIP];

    if (at == NULL)
        return "0";
    if (at == BAD)
        return "the bad one";
    if (at == read_only + 5)
        return "the read-only byte";
    if (at == none + 7)
        return "the byte without access";
    if (at == (char *)0xffffe010u)
        return "the kernel's";
    if (at == (char *)0x18)
        return "where it jumped";
    if (kind == UD2 && at == fault_here)
        return "the instruction's";
    return at == eip ? "that of EIP" : "ANOTHER";
}

static int try(void *argument)
{
    fault((int)(intptr_t)argument);
    return 0;
}

static void each(const char *const *names)
{
    for (volatile int kind = 0; kind < KINDS; kind++) {
        int number = sigsetjmp(here, 1);

        if (number == 0) {
            fault(kind);
            say("%s: nothing", names[kind]);
            continue;
        }
        say("%s: SIG%s, code %d, address %s, trap %d, error %#x", names[kind],
            sigabbrev_np(got.si_signo), got.si_code, address(kind),
            frame.uc_mcontext.gregs[REG_TRAPNO],
            (unsigned)frame.uc_mcontext.gregs[REG_ERR] & 6);
    }
}

int main(void)
{
    static const char *const names[KINDS] = {
        "not mapped", "read-only", "no access",      "kernel's memory",
        "wild jump",  "ud2",       "divide by zero", "quotient too large",
        "int3",       "into",      "bound",          "hlt",
        "int 0x90",   "in",
    };
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigset_t all;

    read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < COUNT(signals); i++)
        sigaction(signals[i], &action, NULL);
    each(names);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    in_child("blocked: bad address", try, (void *)MAPERR);
    in_child("blocked: ud2", try, (void *)UD2);
    in_child("blocked: divide", try, (void *)DIVIDE);
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (size_t i = 0; i < COUNT(signals); i++)
        signal(signals[i], SIG_IGN);
    in_child("ignored: bad address", try, (void *)MAPERR);
    in_child("ignored: ud2", try, (void *)UD2);
    in_child("ignored: divide", try, (void *)DIVIDE);
    in_child("ignored: int3", try, (void *)INT3);
    return 0;
}
