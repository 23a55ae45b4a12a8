/* SPDX-License-Identifier: MIT */
/*
 * Floating-point registers over a handler that uses them: a value in each x87
 * and XMM register is still there after signals from a timer, whose handler
 * computes with both; and a handler sees and can change them in its frame.
 */
#include "oracle.h"
#include <ucontext.h>

static volatile int calls;
static volatile double sink = 1;

static void compute(int number)
{
    static const float junk[4] = {-1, -2, -3, -4};

    (void)number;
    calls++;
    __asm__ volatile("fninit; fldpi; fldpi; fldpi; fldpi; fmulp; fmulp; fmulp;"
                     "fstp %%st(0)\n"
                     "movups %0, %%xmm0; movups %0, %%xmm1\n"
                     "movups %0, %%xmm2; movups %0, %%xmm3\n"
                     "movups %0, %%xmm4; movups %0, %%xmm5\n"
                     "movups %0, %%xmm6; movups %0, %%xmm7\n"
                     :
                     : "m"(junk));
    sink = sink * 1.5 + calls;
}

/* Fills all registers, spins until `until` calls, and reads them back. */
static int held(int until)
{
    static const float in[8][4] = {
        {1, 2, 3, 4},     {5, 6, 7, 8},     {9, 10, 11, 12},  {13, 14, 15, 16},
        {17, 18, 19, 20}, {21, 22, 23, 24}, {25, 26, 27, 28}, {29, 30, 31, 32}};
    static float out[8][4];
    static double numbers[4];
    const float(*from)[4] = in;
    float(*to)[4] = out;
    double *into = numbers;

    __asm__ volatile(
        "fninit; fld1; fldpi; fldl2e; fldz\n"
        "movups (%0), %%xmm0; movups 16(%0), %%xmm1; movups 32(%0), %%xmm2\n"
        "movups 48(%0), %%xmm3; movups 64(%0), %%xmm4; movups 80(%0), %%xmm5\n"
        "movups 96(%0), %%xmm6; movups 112(%0), %%xmm7\n"
        "1: pause; cmp %3, %4; jl 1b\n"
        "movups %%xmm0, (%1); movups %%xmm1, 16(%1); movups %%xmm2, 32(%1)\n"
        "movups %%xmm3, 48(%1); movups %%xmm4, 64(%1); movups %%xmm5, 80(%1)\n"
        "movups %%xmm6, 96(%1); movups %%xmm7, 112(%1)\n"
        "fstpl (%2); fstpl 8(%2); fstpl 16(%2); fstpl 24(%2)\n"
        :
        : "r"(from), "r"(to), "r"(into), "r"(until), "m"(calls)
        : "memory");
    return memcmp(in, out, sizeof(in)) == 0 && numbers[0] == 0 &&
           numbers[1] > 1.44 && numbers[1] < 1.45 && numbers[2] > 3.14 &&
           numbers[2] < 3.15 && numbers[3] == 1;
}

/* x87 registers in the frame: 80 bits each, the first is the top. */
static void edit(int number, siginfo_t *info, void *context)
{
    ucontext_t *user = context;
    struct _libc_fpstate *state = user->uc_mcontext.fpregs;
    static const uint16_t two[5] = {0, 0, 0, 0x8000, 0x4000};

    (void)number;
    (void)info;
    calls = state != NULL;
    if (state)
        memcpy(&state->_st[0], two, 10);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = edit, .sa_flags = SA_SIGINFO};
    struct itimerval timer = {{0, 1000}, {0, 1000}}, none = {{0, 0}, {0, 0}};
    int right = 0;
    double result;

    signal(SIGALRM, compute);
    setitimer(ITIMER_REAL, &timer, NULL);
    for (int i = 0; i < 20; i++)
        right += held(calls + 2);
    setitimer(ITIMER_REAL, &none, NULL);
    expect("registers held over handlers", right, 20);
    sigaction(SIGUSR1, &action, NULL);
    __asm__ volatile("fninit; fld1\n"
                     "mov %1, %%eax; mov %2, %%ebx; mov %3, %%ecx; int $0x80\n"
                     "fstpl %0"
                     : "=m"(result)
                     : "i"(__NR_kill), "r"(getpid()), "i"(SIGUSR1)
                     : "eax", "ebx", "ecx", "memory");
    expect("the frame has a floating-point state", calls, 1);
    expect("1 became", (long)result, 2);
    return 0;
}
