/* SPDX-License-Identifier: MIT */
/*
 * Frames that ask for what no task may have: kernel segments, I/O privilege,
 * interrupts off, other modes, garbage. Linux refuses nothing loudly: it forces
 * privilege level 3, ignores such flags, and kills when the state cannot be
 * loaded. Each frame is edited by a handler in a child of its own.
 */
#include "oracle.h"
#include <ucontext.h>

volatile int what; /* which case; the assembly below reads it */

enum {
    NOTHING,
    CS_0,
    CS_KERNEL,
    CS_DATA,
    CS_GARBAGE,
    SS_0,
    SS_KERNEL,
    SS_CODE,
    DS_KERNEL,
    ES_KERNEL,
    GS_GARBAGE,
    FS_GARBAGE,
    IOPL,
    IF_OFF,
    NT,
    VM86,
    TF,
    EIP_KERNEL,
    ESP_KERNEL,
    FPU_BAD,
    FPU_GARBAGE,
    CASES
};

static const char *const names[CASES] = {
    "nothing",
    "CS 0",
    "CS the kernel's",
    "CS a data segment",
    "CS garbage",
    "SS 0",
    "SS the kernel's",
    "SS a code segment",
    "DS the kernel's",
    "ES the kernel's",
    "GS garbage",
    "FS garbage",
    "IOPL 3",
    "interrupts off",
    "nested task",
    "virtual 8086",
    "trap flag",
    "EIP in the kernel",
    "ESP in the kernel",
    "FPU state at a bad address",
    "FPU state with garbage in MXCSR",
};

static void edit(greg_t *registers)
{
    static const struct {
        int what, index;
        uint32_t value;
    } edits[] = {
        {CS_0, REG_CS, 0},
        {CS_KERNEL, REG_CS, 0x10},
        {CS_GARBAGE, REG_CS, 0xfff3},
        {SS_0, REG_SS, 0},
        {SS_KERNEL, REG_SS, 0x18},
        {DS_KERNEL, REG_DS, 0x18},
        {ES_KERNEL, REG_ES, 0x18},
        {FS_GARBAGE, REG_FS, 0xfff3},
        {GS_GARBAGE, REG_GS, 0xfff3},
        {EIP_KERNEL, REG_EIP, 0xfffff000},
        {ESP_KERNEL, REG_ESP, 0xfffff000},
    };

    for (size_t i = 0; i < COUNT(edits); i++)
        if (edits[i].what == what)
            registers[edits[i].index] = (greg_t)edits[i].value;
}

static void handler(int number, siginfo_t *info, void *context)
{
    static const struct {
        int what;
        uint32_t bits;
    } flags[] = {{IOPL, 0x3000}, {NT, 0x4000}, {VM86, 0x20000}, {TF, 0x100}};
    ucontext_t *user = context;
    greg_t *registers = user->uc_mcontext.gregs;

    (void)number;
    (void)info;
    edit(registers);
    for (size_t i = 0; i < COUNT(flags); i++)
        if (flags[i].what == what)
            registers[REG_EFL] |= (greg_t)flags[i].bits;
    if (what == IF_OFF)
        registers[REG_EFL] &= ~0x200;
    if (what == CS_DATA)
        registers[REG_CS] = registers[REG_SS];
    if (what == SS_CODE)
        registers[REG_SS] = registers[REG_CS];
    if (what == FPU_BAD)
        user->uc_mcontext.fpregs = BAD;
    if (what == FPU_GARBAGE)
        /* MXCSR lies after the old state's 112 bytes, at byte 24. */
        memset((char *)user->uc_mcontext.fpregs + 112 + 24, 0xff, 4);
}

static int try(void *argument)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    int i = (int)(intptr_t)argument;
    uint32_t flags;

    what = i;
    sigaction(SIGUSR1, &action, NULL);
    call(__NR_kill, call(__NR_getpid), SIGUSR1);
    __asm__ volatile("pushf; pop %0" : "=r"(flags));
    /* A segment that could not be loaded is noticed when it is used. */
    if (i == DS_KERNEL)
        __asm__ volatile("mov %%ds:what, %%eax" : : : "eax");
    if (i == ES_KERNEL)
        __asm__ volatile("mov %%es:what, %%eax" : : : "eax");
    if (i == GS_GARBAGE)
        __asm__ volatile("mov %%gs:0, %%eax" : : : "eax");
    if (flags & 0x3000)
        return 100;
    return flags & 0x200 ? 0 : 101;
}

int main(void)
{
    int status;

    for (intptr_t i = 0; i < FPU_GARBAGE; i++)
        in_child(names[i], try, (void *)i);
    /* 32-bit Linux masks the bits in FXSAVE's image, 64-bit Linux refuses it
     * (both in arch/x86/kernel/fpu/signal.c): a kernel may do either. */
    status = wait_for(start_task(SIGCHLD, try, (void *)FPU_GARBAGE));
    check(names[FPU_GARBAGE], status == 0 || status == SIGSEGV);
    return 0;
}
