; SPDX-License-Identifier: MIT
;
; Where Quartet begins: multiboot 1 (specification 0.6.96, section 3.2) leaves
; the boot CPU in protected mode with paging off, EAX = magic, EBX = physical
; address of the information structure, and no stack that may be used.
;
; One page directory of 2 MiB pages is entered twice in the PDPT, at quarter 0
; and quarter 3: the low 512 MiB appear at their own addresses, on which this
; code still runs, and at KERNEL_BASE, where the kernel is linked. Everything
; finer (W^X, NX, global pages) is paging_init()'s. The same tables start the
; other CPUs.

%define PHYSICAL(symbol) ((symbol) - KERNEL_BASE)
KERNEL_BASE     equ 0xc0000000
MULTIBOOT_MAGIC equ 0x1badb002
MULTIBOOT_FLAGS equ 0x00000003          ; modules on pages, memory map
LOADED_BY       equ 0x2badb002

CR0_WP          equ 1 << 16
CR0_PG          equ 1 << 31
CR4_PAE         equ 1 << 5
PDE_2M          equ 0x83                ; present, writable, 2 MiB
DIRECT_MAP_PDES equ 256                 ; 512 MiB

; CPUID.1:EDX: TSC, MSR, PAE, CX8, APIC, PGE, CMOV, FXSR, SSE
NEEDED          equ (1<<4)|(1<<5)|(1<<6)|(1<<8)|(1<<9)|(1<<13)|(1<<15)|(3<<24)

extern boot_main

section .multiboot
align 4
    dd MULTIBOOT_MAGIC
    dd MULTIBOOT_FLAGS
    dd -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

section .text
global boot_entry
boot_entry:
    cli
    cld
    mov edi, eax
    mov dx, 0x3fb                       ; 8 data bits (Bochs starts with 5)
    mov al, 3
    out dx, al
    mov dx, 0x3f8                       ; a sign of life on COM1 before
    mov al, 'Q'                         ; anything can go wrong
    out dx, al

    cmp edi, LOADED_BY
    mov esi, PHYSICAL(message_loader)
    jne boot_refuse
    mov ebp, ebx                        ; CPUID clobbers EBX
    mov eax, 1
    cpuid
    and edx, NEEDED
    cmp edx, NEEDED
    mov esi, PHYSICAL(message_cpu)
    jne boot_refuse

    mov edi, PHYSICAL(boot_directory)
    mov eax, PDE_2M
    mov ecx, DIRECT_MAP_PDES
.pde:
    mov [edi], eax
    add eax, 0x200000
    add edi, 8
    loop .pde

    mov eax, PHYSICAL(boot_directory) + 1
    mov [PHYSICAL(boot_pdpt)], eax      ; quarter 0
    mov [PHYSICAL(boot_pdpt) + 24], eax ; quarter 3
    mov eax, PHYSICAL(boot_pdpt)
    mov [PHYSICAL(boot_cr3)], eax
    mov cr3, eax
    mov eax, cr4
    or eax, CR4_PAE
    mov cr4, eax
    mov eax, cr0
    or eax, CR0_PG | CR0_WP
    mov cr0, eax
    mov eax, .high
    jmp eax
.high:
    mov esp, boot_stack_top
    push 0                              ; ends the chain of frame pointers
    push 0
    mov eax, ebp                        ; multiboot information
    mov ebp, esp
    call boot_main                      ; does not return
    ud2

; Say why not, on COM1 and on the screen, and stop. ESI = message.
boot_refuse:
    mov edi, 0xb8000
    mov ah, 0x4f
.next:
    lodsb
    test al, al
    jz .stop
    mov [edi], ax
    add edi, 2
    mov bl, al
    mov dx, 0x3fd
    mov ecx, 100000
.wait:
    in al, dx
    test al, 0x20
    loopz .wait
    mov al, bl
    mov dx, 0x3f8
    out dx, al
    jmp .next
.stop:
    mov dx, 0x501                       ; ends a QEMU that has isa-debug-exit
    mov al, 0x3f
    out dx, al
.halt:
    hlt
    jmp .halt

section .rodata
message_loader: db "uartet: not started by a multiboot loader", 13, 10, 0
message_cpu:    db "uartet: this CPU lacks PAE, PGE, APIC, TSC, CMPXCHG8B, "
                db "CMOV, FXSR or SSE (in QEMU: -cpu max)", 13, 10, 0

section .data
global boot_cr3
boot_cr3: dd 0

section .bss
alignb 4096
global boot_directory
boot_directory: resb 4096
boot_stack:     resb 8192
global boot_stack_top
boot_stack_top:
alignb 32
boot_pdpt:      resb 32
