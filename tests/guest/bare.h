/* SPDX-License-Identifier: MIT */
/*
 * A program with nothing under it: its own _start and `int $0x80`, no C
 * library, no header of Quartet. What these files use is what any Linux host's
 * compiler and the i386 Linux ABI give; the suite runs them as a student runs
 * a program of his own, and they run on Linux too.
 */
#pragma once

#define CALL_EXIT  1
#define CALL_READ  3
#define CALL_WRITE 4

/* The stack pointer at _start: argc, argv..., 0, envp..., 0, auxv. */
int program(int argc, char **argv, char **envp);

static inline int call3(int number, int a, int b, int c)
{
    int result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory");
    return result;
}

static inline void print(const char *text)
{
    int length = 0;
    while (text[length])
        length++;
    call3(CALL_WRITE, 1, (int)text, length);
}

__attribute__((used)) static void begin(int *stack)
{
    int argc = stack[0];
    char **argv = (char **)(stack + 1);
    call3(CALL_EXIT, program(argc, argv, argv + argc + 1), 0, 0);
}

__asm__(".global _start\n"
        "_start:\n"
        "    mov %esp, %eax\n"
        "    and $-16, %esp\n"
        "    sub $12, %esp\n"
        "    push %eax\n"
        "    call begin\n");
