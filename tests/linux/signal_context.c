/* SPDX-License-Identifier: MIT */
/*
 * A handler that edits the registers in its frame: it skips the instruction
 * that faulted, changes EAX and flags, moves on to other code, or changes the
 * mask that comes back. The frame holds what the registers were.
 */
#include "oracle.h"
#include <ucontext.h>

static volatile int calls, how;
static greg_t seen[32];

extern char elsewhere[] __asm__("elsewhere");

static void handler(int number, siginfo_t *info, void *context)
{
    ucontext_t *user = context;
    greg_t *registers = user->uc_mcontext.gregs;

    (void)info;
    (void)number;
    calls++;
    for (int i = 0; i < NGREG; i++)
        seen[i] = registers[i];
    registers[REG_EIP] += 2; /* ud2 has two bytes */
    switch (how) {
    case 1:
        registers[REG_EAX] = 0x1234;
        registers[REG_EDI] = 0x5678;
        break;
    case 2:
        registers[REG_EFL] |= 0x801; /* overflow and carry */
        break;
    case 3:
        registers[REG_EIP] = (greg_t)(uintptr_t)elsewhere;
        break;
    case 4:
        sigaddset(&user->uc_sigmask, SIGHUP);
        break;
    }
}

static void all_registers(void)
{
    uint32_t a = 0x11111111, b = 0x22222222, c = 0x33333333, d = 0x44444444;
    uint32_t s = 0x55555555, di = 0x66666666;

    __asm__ volatile("ud2"
                     : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(s), "+D"(di));
    check("registers in the frame",
          seen[REG_EAX] == 0x11111111 && seen[REG_EBX] == 0x22222222 &&
              seen[REG_ECX] == 0x33333333 && seen[REG_EDX] == 0x44444444 &&
              seen[REG_ESI] == 0x55555555 && seen[REG_EDI] == 0x66666666);
    check("stack pointer twice in the frame", seen[REG_ESP] == seen[REG_UESP]);
    check("and after it", a == 0x11111111 && b == 0x22222222 &&
                              c == 0x33333333 && d == 0x44444444 &&
                              s == 0x55555555 && di == 0x66666666);
    check("selectors for user mode",
          (seen[REG_CS] & 3) == 3 && (seen[REG_SS] & 3) == 3 &&
              (seen[REG_DS] & 3) == 3 && (seen[REG_ES] & 3) == 3);
    check("interrupts on, IOPL 0", (seen[REG_EFL] & 0x3200) == 0x200);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    uint32_t a, d, flags;
    sigset_t set;

    sigaction(SIGILL, &action, NULL);
    all_registers();
    how = 1;
    __asm__ volatile("ud2" : "=a"(a), "=D"(d) : "0"(1), "1"(2));
    say("EAX and EDI changed: %#x %#x", a, d);
    how = 2;
    __asm__ volatile("xor %%eax, %%eax; ud2; pushf; pop %0"
                     : "=r"(flags)
                     :
                     : "eax");
    say("flags changed: %#x", flags & 0xcd5);
    how = 3;
    __asm__ volatile("mov $7, %0; ud2; jmp 1f\n"
                     "elsewhere: mov $8, %0\n"
                     "1:"
                     : "=&r"(a));
    say("went elsewhere: %u", a);
    how = 4;
    __asm__ volatile("ud2");
    sigprocmask(SIG_BLOCK, NULL, &set);
    say("mask changed: SIGHUP %d, SIGILL %d", sigismember(&set, SIGHUP),
        sigismember(&set, SIGILL));
    how = 0;
    /* Again and again, as an emulator of instructions would. */
    calls = 0;
    for (int i = 0; i < 1000; i++)
        __asm__ volatile("ud2");
    expect("thousand instructions skipped", calls, 1000);
    return 0;
}
