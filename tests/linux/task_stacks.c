/* SPDX-License-Identifier: MIT */
/*
 * Strange stacks for clone: misaligned ones work, as only the task itself
 * uses them; one that cannot be written ends the new task, not the caller.
 */
#include "oracle.h"

/* A task whose own first access to its stack is its end: oracle_clone writes
   start and argument there, so the bare call is made here. */
static long bare_clone(unsigned long flags, uintptr_t stack)
{
    long result;

    __asm__ volatile("int $0x80\n"
                     "test %%eax, %%eax\n"
                     "jnz 1f\n"
                     "push %%eax\n"
                     "mov $3, %%ebx\n"
                     "mov $1, %%eax\n"
                     "int $0x80\n"
                     "1:"
                     : "=a"(result)
                     : "0"(__NR_clone), "b"(flags), "c"(stack), "d"(0), "S"(0),
                       "D"(0)
                     : "memory");
    return result;
}

int main(void)
{
    uintptr_t good = (uintptr_t)new_stack();

    for (uintptr_t i = 0; i < 4; i++) {
        say_status("misaligned, VM",
                   wait_for(bare_clone(CLONE_VM | SIGCHLD, good - 64 - i)));
        say_status("misaligned", wait_for(bare_clone(SIGCHLD, good - 64 - i)));
    }
    say_status("nothing mapped", wait_for(bare_clone(SIGCHLD, 0x1000)));
    say_status("nothing mapped, VM",
               wait_for(bare_clone(CLONE_VM | SIGCHLD, 0x1000)));
    say_status("at 4", wait_for(bare_clone(SIGCHLD, 4)));
    say_status("the kernel's",
               wait_for(bare_clone(CLONE_VM | SIGCHLD, 0xfffff010u)));
    return 0;
}
