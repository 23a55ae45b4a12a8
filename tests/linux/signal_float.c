/* SPDX-License-Identifier: MIT */
/*
 * Floating-point exceptions that are unmasked: each gives SIGFPE with the code
 * of what went wrong; a handler finds the FPU fresh, with all masked, and the
 * task its own again afterwards. Only x87: SSE's do not exist in QEMU's TCG.
 */
#include "oracle.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf here;
static volatile int code;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)context;
    code = number == info->si_signo ? info->si_code : -1;
    siglongjmp(here, number);
}

static const char *const code_names[] = {
    "0",          "FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF",
    "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB",
};

static volatile double zero = 0, one = 1, large = 1e308, tiny = 1e-308;

static void x87(int which)
{
    static const uint16_t words[] = {0x37b, 0x37e, 0x377, 0x36f};
    double result;
    uint16_t control = words[which];

    __asm__ volatile("fninit; fldcw %0" : : "m"(control));
    switch (which) {
    case 0:
        __asm__ volatile("fldl %1; fdivl %2; fstpl %0; fwait"
                         : "=m"(result)
                         : "m"(one), "m"(zero));
        break;
    case 1:
        __asm__ volatile("fldl %1; fdivl %2; fstpl %0; fwait"
                         : "=m"(result)
                         : "m"(zero), "m"(zero));
        break;
    case 2:
        __asm__ volatile("fldl %1; fmull %1; fstpl %0; fwait"
                         : "=m"(result)
                         : "m"(large));
        break;
    case 3:
        __asm__ volatile("fldl %1; fmull %1; fstpl %0; fwait"
                         : "=m"(result)
                         : "m"(tiny));
        break;
    }
}

static void try(const char *unit, const char *what, void (*function)(int),
                int which)
{
    uint32_t masked = 0x1f80;
    int number = sigsetjmp(here, 1);

    if (number == 0) {
        function(which);
        say("%s %s: nothing", unit, what);
    } else {
        say("%s %s: SIG%s %s", unit, what, sigabbrev_np(number),
            code >= 0 && code < (int)COUNT(code_names) ? code_names[code]
                                                       : "ANOTHER");
    }
    __asm__ volatile("fninit; ldmxcsr %0" : : "m"(masked));
}

/* The handler finds a fresh FPU: everything masked. */
static volatile uint16_t control_inside;
static volatile uint32_t mxcsr_inside;

static void look(int number)
{
    uint16_t control;
    uint32_t mxcsr;

    (void)number;
    __asm__ volatile("fnstcw %0; stmxcsr %1" : "=m"(control), "=m"(mxcsr));
    control_inside = control;
    mxcsr_inside = mxcsr;
}

static void state_inside(void)
{
    uint32_t mxcsr = 0x5f80, after;
    uint16_t control = 0x27f, control_after;

    signal(SIGUSR1, look);
    __asm__ volatile("fldcw %0; ldmxcsr %1" : : "m"(control), "m"(mxcsr));
    raise(SIGUSR1);
    __asm__ volatile("fnstcw %0; stmxcsr %1"
                     : "=m"(control_after), "=m"(after));
    say("in a handler: control %#x, MXCSR %#x", control_inside, mxcsr_inside);
    say("after it: control %#x, MXCSR %#x", control_after, after & 0xffc0);
}

static int nobody(void *argument)
{
    signal(SIGFPE, SIG_DFL);
    x87(0);
    return argument != NULL;
}

int main(void)
{
    static const char *const names[] = {"divide", "invalid", "overflow",
                                        "underflow"};
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

    sigaction(SIGFPE, &action, NULL);
    for (int i = 0; i < 4; i++)
        try("x87", names[i], x87, i);
    in_child("x87, nobody handles it", nobody, NULL);
    state_inside();
    return 0;
}
