; SPDX-License-Identifier: MIT
;
; Copying to and from user memory. The string instruction may fault: the page
; fault handler brings the page in and the instruction goes on, or it jumps to
; the place that the exception table names, and ECX bytes are left uncopied.
; Under SMAP user pages are open only between STAC and CLAC.

section .text

; Patched to STAC (1) or CLAC (0) where the CPU has SMAP: see features.c.
%macro SMAP_SITE 1
%%site:
    nop dword [eax]
    section .smap_sites
    dd %%site, %1
    section .text
%endmacro

%macro ON_FAULT 2
    section .exceptions
    dd %1, %2
    section .text
%endmacro

; uint32_t user_copy(void *to, const void *from, uint32_t bytes)
; Returns how many bytes were not copied. Words first, then the rest: the same
; place serves both, with ECX made bytes again after a fault in the words.
global user_copy
user_copy:
    push esi
    push edi
    mov edi, eax
    mov esi, edx
    mov edx, ecx
    and edx, 3
    shr ecx, 2
    SMAP_SITE 1
.words:
    rep movsd
    mov ecx, edx
.bytes:
    rep movsb
.done:
    SMAP_SITE 0
    mov eax, ecx
    pop edi
    pop esi
    ret
.words_failed:
    lea ecx, [edx + ecx * 4]
    jmp .done
    ON_FAULT .words, .words_failed
    ON_FAULT .bytes, .done

; void load_gs(uint32_t selector): null if it cannot be loaded.
global load_gs
load_gs:
    mov gs, eax
    ret
.failed:
    xor eax, eax
    jmp load_gs
    ON_FAULT load_gs, .failed

; int user_string(char *to, const char *from, uint32_t size)
; Copies up to and with the zero; its length, -1 when there is none in `size`
; bytes, -2 on a fault.
global user_string
user_string:
    push esi
    push edi
    mov edi, eax
    mov esi, edx
    SMAP_SITE 1
.next:
    jecxz .no_end
    dec ecx
.load:
    lodsb
    stosb
    test al, al
    jnz .next
    mov eax, esi
    sub eax, edx
    dec eax
    jmp .out
.no_end:
    mov eax, -1
.out:
    SMAP_SITE 0
    pop edi
    pop esi
    ret
.failed:
    mov eax, -2
    jmp .out
    ON_FAULT .load, .failed
