; SPDX-License-Identifier: MIT
;
; The switch between two kernel stacks, where tasks begin, and where CPUs wait.
;
; ESP goes to the CPU's global stack before CR3 changes and to the new stack
; after it, so that it points at mapped memory under whichever root is loaded,
; at every instruction: an NMI may push there. What is saved is what the C
; calling convention says a function keeps: EBP, EBX, ESI, EDI, and the return
; address.

%include "arch/i386/offsets.inc"

extern context_begin, task_thread_end, trap_return

section .text

; void switch_stacks(ukva_t *save, ukva_t next, uint32_t cr3 or 0)
global switch_stacks
switch_stacks:
    push ebp
    push ebx
    push esi
    push edi
    mov [eax], esp
load_stack:
    mov esp, [fs:CPU_GLOBAL_STACK]
    jecxz .same_mm
    mov cr3, ecx
.same_mm:
    mov esp, edx
    pop edi
    pop esi
    pop ebx
    pop ebp
    ret

; void load_context(uint32_t unused, ukva_t next, uint32_t cr3 or 0): the same
; with nothing to save
global load_context
load_context equ load_stack

; A new task's first steps: finish the switch as an old one would, then into
; user mode through the frame at the top of its stack ...
global start_user
start_user:
    call context_begin
    jmp trap_return

; ... or into function(argument), found in ESI and EDI.
global start_kernel
start_kernel:
    call context_begin
    sti
    mov eax, edi
    call esi
    call task_thread_end
    ud2

; void leave_stack(void (*function)(void)): give this stack up
global leave_stack
leave_stack:
    mov esp, [fs:CPU_GLOBAL_STACK]
    xor ebp, ebp
    call eax
    ud2

; void cpu_wait_for_interrupt(void)
global cpu_wait_for_interrupt, cpu_halt_instruction
cpu_wait_for_interrupt:
    sti
cpu_halt_instruction:
    hlt
    ret
