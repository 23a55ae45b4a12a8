; SPDX-License-Identifier: MIT
;
; Copying to and from user memory. The string instruction may fault: the page
; fault handler brings the page in and the instruction goes on, or it jumps to
; the place that the exception table names, and ECX bytes are left uncopied.
; Under SMAP user pages are open only between STAC and CLAC.

EFAULT equ 14

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

; int user_load(const uint32_t *from, uint32_t *to)
; One word in one instruction: 0, or -EFAULT and nothing is stored.
global user_load
user_load:
    SMAP_SITE 1
.load:
    mov eax, [eax]
    SMAP_SITE 0
    mov [edx], eax
    xor eax, eax
    ret
    ON_FAULT .load, word_failed
word_failed:
    SMAP_SITE 0
    mov eax, -EFAULT
    ret

; int user_exchange(uint32_t *at, uint32_t *expected, uint32_t new)
; Store `new` if the word is *expected, which becomes what the word was. 0, or
; -EFAULT.
global user_exchange
user_exchange:
    push edx
    push ebx
    mov ebx, eax
    mov eax, [edx]
    SMAP_SITE 1
.exchange:
    lock cmpxchg [ebx], ecx
    SMAP_SITE 0
    pop ebx
    pop edx
    mov [edx], eax
    xor eax, eax
    ret
.failed:
    pop ebx
    pop edx
    jmp word_failed
    ON_FAULT .exchange, .failed

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
