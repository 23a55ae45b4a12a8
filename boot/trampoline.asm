; SPDX-License-Identifier: MIT
;
; Where every CPU but the first begins (SDM vol. 3, 9.4.4): a start-up IPI puts
; it in real mode at the page that the IPI names, to which smp.c has copied the
; code from trampoline_start on. All of them may run this at the same time:
; nothing is written but registers, until each takes its own stack out of a
; table, by its APIC number.
;
; The way up: protected mode with a table of descriptors in this page; paging
; with the boot tables, which map this page at its own address; a jump to the
; kernel's text; the kernel's own tables; its stack, which only they map.

%define PHYSICAL(symbol) ((symbol) - KERNEL_BASE)
%define HERE(symbol)     (TRAMPOLINE_PAGE + ((symbol) - trampoline_start))
KERNEL_BASE     equ 0xc0000000
TRAMPOLINE_PAGE equ 0x8000              ; as in arch/i386/topology.h

CR0_PE          equ 1 << 0
CR0_WP          equ 1 << 16
CR0_PG          equ 1 << 31
CR4_PAE         equ 1 << 5
MSR_EFER        equ 0xc0000080
EFER_NXE        equ 1 << 11
CODE            equ 8
DATA            equ 16

extern boot_cr3, kernel_cr3, pte_nx, smp_stacks, smp_secondary_start

section .rodata
global trampoline_start, trampoline_end, trampoline_page
trampoline_page equ TRAMPOLINE_PAGE     ; smp.c checks that it means the same

bits 16
align 16
trampoline_start:
    cli
    cld
    mov ax, cs                          ; CS is the page: offsets count from
    mov ds, ax                          ; trampoline_start
    o32 lgdt [gdt_pointer - trampoline_start]
    mov eax, cr0
    or al, CR0_PE
    mov cr0, eax
    jmp dword CODE:HERE(protected)      ; takes CS out of real mode

bits 32
protected:
    mov ax, DATA
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov eax, [PHYSICAL(boot_cr3)]
    mov cr3, eax
    mov eax, cr4
    or eax, CR4_PAE                     ; before PG: it decides how the tables
    mov cr4, eax                        ; are read
    mov eax, cr0
    and eax, 0x9fffffff                 ; CD and NW, which INIT leaves set
    or eax, CR0_PG | CR0_WP
    mov cr0, eax
    mov eax, trampoline_high
    jmp eax

align 8
gdt:
    dq 0
    dq 0x00cf9a000000ffff               ; flat code
    dq 0x00cf92000000ffff               ; flat data
gdt_pointer:
    dw gdt_pointer - gdt - 1
    dd HERE(gdt)
trampoline_end:

section .text
trampoline_high:
    ; NXE before the kernel's tables: without it their NX bits are reserved
    ; ones, and the first access faults with no handler.
    test dword [pte_nx + 4], 1 << 31
    jz .tables
    mov ecx, MSR_EFER
    rdmsr
    or eax, EFER_NXE
    wrmsr
.tables:
    mov eax, [kernel_cr3]
    mov cr3, eax

    ; CPUID gives the initial APIC number; reading it from the local APIC would
    ; need that to be mapped and in xAPIC mode first.
    mov eax, 1
    cpuid
    shr ebx, 24
    xor eax, eax
    xchg eax, [smp_stacks + ebx * 4]    ; locked: we have it, or the boot CPU,
    test eax, eax                       ; which has given us up, has it
    jz .park
    mov esp, eax
    xor ebp, ebp
    push ebp                            ; ends the chain of frame pointers
    push ebp
    mov ebp, esp
    call smp_secondary_start            ; does not return
.park:
    cli
    hlt
    jmp .park
