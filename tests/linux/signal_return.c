/* SPDX-License-Identifier: MIT */
/*
 * The two kinds of frame, as the handler finds them on its stack: the old one
 * for actions without SA_SIGINFO, left by sigreturn, and the new one, left by
 * rt_sigreturn. The handler is written in assembly, so that it sees the stack
 * as the kernel made it: the arguments are in registers as well.
 */
#include "oracle.h"
#include <ucontext.h>

struct entry {
    uint32_t eax, edx, ecx, esp, ret, number, word2, word3;
};
/* Written by the code below only, under these names. */
volatile struct entry entry;
volatile int calls;
volatile uint32_t restorer_used;

/* Notes the registers and the stack, then returns as any function does. */
void raw_handler(int number);
__asm__(".text\n"
        "raw_handler:\n"
        "    mov %eax, entry\n    mov %edx, entry+4\n    mov %ecx, entry+8\n"
        "    mov %esp, entry+12\n"
        "    mov (%esp), %eax\n    mov %eax, entry+16\n"
        "    mov 4(%esp), %eax\n    mov %eax, entry+20\n"
        "    mov 8(%esp), %eax\n    mov %eax, entry+24\n"
        "    mov 12(%esp), %eax\n    mov %eax, entry+28\n"
        "    incl calls\n"
        "    cld\n    ret\n"
        /* A restorer for each kind of frame, which says that it ran. */
        "old_restorer:\n"
        "    movl $1, restorer_used\n"
        "    pop %eax\n    mov $119, %eax\n    int $0x80\n"
        "new_restorer:\n"
        "    movl $2, restorer_used\n"
        "    mov $173, %eax\n    int $0x80\n");
void old_restorer(void);
void new_restorer(void);

struct raw {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask[2];
};

static void send(const char *what, unsigned long flags, void *restorer)
{
    struct raw action = {(void *)raw_handler, flags, restorer, {0, 0}};
    uint32_t before = 0x1234, after;

    restorer_used = 0;
    calls = 0;
    call(__NR_rt_sigaction, SIGUSR1, &action, NULL, 8);
    /* The signal comes in the middle of this: registers must not change. */
    __asm__ volatile("int $0x80"
                     : "=a"(after), "+S"(before)
                     : "0"(__NR_kill), "b"(getpid()), "c"(SIGUSR1)
                     : "memory");
    say("%s: calls %d, result %d, register kept %s, restorer %u", what, calls,
        (int)after, before == 0x1234 ? "yes" : "NO", restorer_used);
    check("  first argument is the signal", entry.number == SIGUSR1);
    check("  and in EAX", entry.eax == SIGUSR1);
    check("  stack aligned as after a call", ((entry.esp + 4) & 15) == 0);
    if (restorer)
        check("  returns to the restorer", entry.ret == (uint32_t)restorer);
}

static void new_frame(void)
{
    siginfo_t *info = (siginfo_t *)entry.word2;
    ucontext_t *user = (ucontext_t *)entry.word3;

    check("  EDX and ECX are the pointers",
          entry.edx == entry.word2 && entry.ecx == entry.word3);
    check("  the info lies in the frame",
          entry.word2 > entry.esp && entry.word2 < entry.esp + 1024);
    check("  and the context after it", (uint32_t)user > (uint32_t)info);
}

/* The old frame is the state itself, right after the signal's number. */
static void old_frame(void)
{
    check("  EDX and ECX are zero", entry.edx == 0 && entry.ecx == 0);
}

/* A sigreturn from nowhere reads a frame of zeros: the task dies. */
static int no_frame(void *argument)
{
    static char zeros[4096] __attribute__((aligned(16)));

    __asm__ volatile("mov %0, %%esp; int $0x80"
                     :
                     : "r"(zeros + 2048), "a"(argument));
    return 1;
}

/* And one with the stack at a bad address. */
static int bad_stack(void *argument)
{
    __asm__ volatile("mov %0, %%esp; int $0x80" : : "r"(BAD), "a"(argument));
    return 1;
}

/* Without a restorer the return goes through code of the kernel's. */
static int no_restorer(void *argument)
{
    send("old frame, no restorer", 0, NULL);
    old_frame();
    send("new frame, no restorer", SA_SIGINFO, NULL);
    new_frame();
    return argument != NULL;
}

#define RESTORER 0x04000000

int main(void)
{
    send("old frame, with a restorer", RESTORER, (void *)old_restorer);
    old_frame();
    send("new frame, with a restorer", SA_SIGINFO | RESTORER,
         (void *)new_restorer);
    new_frame();
    in_child("sigreturn without a frame", no_frame, (void *)119);
    in_child("rt_sigreturn without a frame", no_frame, (void *)173);
    in_child("sigreturn, bad stack", bad_stack, (void *)119);
    in_child("rt_sigreturn, bad stack", bad_stack, (void *)173);
    in_child("no restorer", no_restorer, NULL);
    return 0;
}
