; SPDX-License-Identifier: MIT
;
; int thread_clone(uint32_t number, uint32_t flags, uint32_t *stack,
;                  uint32_t *parent_word, uint32_t *child_word)
;
; clone() returns twice, the second time on the new stack, where no C frame
; exists: so the child's first steps cannot be C. thread.c has put the function
; and its argument on top of that stack. Returns the thread's number or a
; negative error; in the thread it does not return.

bits 32
section .text

extern sys_exit

global thread_clone
thread_clone:
    push    ebx
    push    esi
    push    edi
    mov     eax, [esp + 16]     ; the call's number
    mov     ebx, [esp + 20]
    mov     ecx, [esp + 24]
    mov     edx, [esp + 28]
    xor     esi, esi            ; no thread-local storage
    mov     edi, [esp + 32]
    int     0x80
    test    eax, eax
    jz      .thread
    pop     edi
    pop     esi
    pop     ebx
    ret

.thread:
    xor     ebp, ebp            ; the frame chain ends here
    pop     eax                 ; the function; its argument is now on top
    call    eax
    push    eax                 ; its result is the thread's exit status
    call    sys_exit
    ud2

section .note.GNU-stack noalloc noexec nowrite progbits
