/* SPDX-License-Identifier: MIT */
/*
 * One stub for each line of the kernel's list: sys_NAME puts the number into
 * EAX and jumps to the common part in syscall.asm. A stub is assembly because
 * the list knows a call's arguments only as letters; the C types are in
 * syscall.h, for the calls that programs use.
 */
#include "user/lib/syscall.h"

#define SYSCALL(number, name, arguments)               \
    __asm__(".pushsection .text\n"                     \
            ".globl sys_" #name "\n"                   \
            ".type sys_" #name ", @function\n"         \
            "sys_" #name ":\n"                         \
            "    movl $" #number ", %eax\n"            \
            "    jmp system_call_from_stack\n"         \
            ".size sys_" #name ", . - sys_" #name "\n" \
            ".popsection");
#include "kernel/abi/syscalls.h"
#undef SYSCALL

const struct system_call_row system_calls[] = {
#define SYSCALL(number, name, arguments) {number, #name, arguments},
#include "kernel/abi/syscalls.h"
#undef SYSCALL
    {0, NULL, NULL},
};
