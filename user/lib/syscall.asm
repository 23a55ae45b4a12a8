; SPDX-License-Identifier: MIT
;
; The way into the kernel. A stub of syscall.c has put the call's number into
; EAX and jumped here, so the stack is as its C caller left it. Linux's rule for
; i386: arguments in EBX ECX EDX ESI EDI EBP, result or negative error in EAX,
; all other registers kept. Six words are read whatever the call takes: words
; beyond its arguments are the caller's own and mean nothing to the kernel.

bits 32
section .text

global system_call_from_stack
system_call_from_stack:
    push    ebx
    push    esi
    push    edi
    push    ebp
    mov     ebx, [esp + 20]     ; four saved registers and the return address
    mov     ecx, [esp + 24]
    mov     edx, [esp + 28]
    mov     esi, [esp + 32]
    mov     edi, [esp + 36]
    mov     ebp, [esp + 40]
    int     0x80
    pop     ebp
    pop     edi
    pop     esi
    pop     ebx
    ret

; int32_t system_call(uint32_t number, const uint32_t arguments[6])
; Any number with any arguments: for programs that test the kernel.
global system_call
system_call:
    push    ebx
    push    esi
    push    edi
    push    ebp
    mov     eax, [esp + 20]
    mov     ebp, [esp + 24]
    mov     ebx, [ebp]
    mov     ecx, [ebp + 4]
    mov     edx, [ebp + 8]
    mov     esi, [ebp + 12]
    mov     edi, [ebp + 16]
    mov     ebp, [ebp + 20]
    int     0x80
    pop     ebp
    pop     edi
    pop     esi
    pop     ebx
    ret

section .note.GNU-stack noalloc noexec nowrite progbits
