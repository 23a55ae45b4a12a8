; SPDX-License-Identifier: MIT
;
; Every way into the kernel, and the way out. An entry saves the registers as
; struct trap_frame (trap.h), loads the kernel's segments, calls C, and leaves
; through trap_return, which on the way to user mode looks once more, with
; interrupts off, whether there is work for this CPU.
;
; C functions take their first three arguments in EAX, EDX and ECX (GCC's
; -mregparm=3), here and in all assembly files.
;
; DS, ES and FS hold whatever the program left there; the kernel's FS finds the
; CPU's record. GS is not used by the kernel: it is saved at task switches.
;
; On the way out a POP of a segment register or the IRET itself may fault, if
; the program has made a selector invalid meanwhile. Those instructions are in
; the exception table: the fault handler goes on at the address beside them.

%include "arch/i386/offsets.inc"

extern trap_exception, syscall_dispatch, trap_nmi, task_exit_work
extern trap_double_fault, interrupt_handle

section .text

; Patched to CLAC where the CPU has SMAP: a program may have set EFLAGS.AC.
%macro CLEAR_AC 0
%%site:
    nop dword [eax]                     ; three bytes, as long as CLAC
    section .smap_sites
    dd %%site, 0
    section .text
%endmacro

%macro SAVE 0
    push fs
    push es
    push ds
    push eax
    push ebp
    push edi
    push esi
    push edx
    push ecx
    push ebx
    mov eax, KERNEL_DS
    mov ds, eax
    mov es, eax
    mov eax, CPU_SELECTOR
    mov fs, eax
    cld
    CLEAR_AC
%endmacro

; If the instruction at the first label faults, go on at the second.
%macro ON_FAULT 2
    section .exceptions
    dd %1, %2
    section .text
%endmacro

; Segment registers that cannot be loaded any more become null, as in Linux.
%macro POP_SEGMENT 1
%%pop:
    pop %1
%%done:
    section .text.fixup
%%fix:
    mov dword [esp], 0
    jmp %%pop
    section .text
    ON_FAULT %%pop, %%fix
%endmacro

; int 0x80, through a trap gate: interrupts stay on.
global trap_syscall_entry
trap_syscall_entry:
    push eax                            ; the number, to make the call again
    push 0x80
    SAVE
    mov eax, [esp + FRAME_EAX]          ; the call's number
    mov edx, esp                        ; its arguments, as they lie here
    call syscall_dispatch
    mov [esp + FRAME_EAX], eax

global trap_return
trap_return:
    test byte [esp + FRAME_CS], 3
    jz trap_restore                     ; to the kernel: nothing to look at
    cli
    cmp dword [fs:CPU_EXIT_WORK], 0
    jne trap_return_work
trap_restore:
    pop ebx
    pop ecx
    pop edx
    pop esi
    pop edi
    pop ebp
    pop eax
    POP_SEGMENT ds
    POP_SEGMENT es
    POP_SEGMENT fs
    add esp, 8                          ; vector, error code
iret_to_user:
    iret
trap_return_work:
    sti
    call task_exit_work
    jmp trap_return

; IRET found a selector or EIP that cannot be: a general protection fault of
; the program. Its frame's five words are still on the stack.
bad_iret:
    push 0
    push 13
    jmp enter_exception
    ON_FAULT iret_to_user, bad_iret

; The ordinary stubs. An exception that has no error code of its own gets a
; zero in its place.
%assign vector 0
%rep 256
trap_entry_%+vector:
%if vector != 8 && !(vector >= 10 && vector <= 14) && vector != 17 && vector != 21
    push 0
%endif
    push vector
%if vector < 32
    jmp enter_exception
%else
    jmp enter_interrupt
%endif
%assign vector vector + 1
%endrep

; Through interrupt gates: interrupts are off until the handler turns them on
; again; for a page fault that is after it has read CR2.
enter_exception:
    SAVE
    mov eax, esp
    call trap_exception
    jmp trap_return

enter_interrupt:
    SAVE
    mov eax, [esp + FRAME_VECTOR]
    call interrupt_handle
    jmp trap_return

; An NMI may come at any instruction, also between the others' first and last,
; so it takes no part in exit work and returns straight.
global trap_nmi_entry
trap_nmi_entry:
    push 0
    push 2
    SAVE
    mov eax, esp
    call trap_nmi
    jmp trap_restore

; The double fault's task begins here, with its own stack and the kernel's
; root; what it interrupted is saved in the CPU's other TSS.
global trap_double_fault_entry
trap_double_fault_entry:
    call trap_double_fault
    ud2

section .rodata
align 4
global trap_entries
trap_entries:
%assign vector 0
%rep 256
    dd trap_entry_%+vector
%assign vector vector + 1
%endrep
