; SPDX-License-Identifier: MIT
;
; Where every program begins. The kernel leaves argc at the stack pointer, the
; argument, environment and auxiliary vectors above it (System V ABI, i386
; supplement, "Process Initialization"). C takes over with a pointer to that
; block; a zero frame pointer ends the chain that a debugger follows.

bits 32
section .text

extern program_begin

global _start
_start:
    xor     ebp, ebp
    mov     eax, esp
    and     esp, -16
    sub     esp, 12             ; keeps the stack aligned at the call
    push    eax
    call    program_begin
    ud2                         ; it does not return

section .note.GNU-stack noalloc noexec nowrite progbits
