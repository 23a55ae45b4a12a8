; SPDX-License-Identifier: MIT
;
; Whole pages, 16 bytes at a time. XMM0 belongs to the program that is in the
; kernel; it is kept on the stack meanwhile. The kernel does not switch tasks
; but where it asks to, so nobody else's registers can come in between, and an
; interrupt's handler that clears a page puts XMM0 back as well.

section .text

%define PAGE_BYTES 4096
%define AT_ONCE    256                  ; bytes an iteration

; void page_clear(void *page)
global page_clear
page_clear:
    sub esp, 16
    movups [esp], xmm0
    xorps xmm0, xmm0
    lea edx, [eax + PAGE_BYTES]
.next:
%assign at 0
%rep AT_ONCE / 16
    movaps [eax + at], xmm0
%assign at at + 16
%endrep
    add eax, AT_ONCE
    cmp eax, edx
    jb .next
    movups xmm0, [esp]
    add esp, 16
    ret

; void page_copy(void *to, const void *from)
global page_copy
page_copy:
    sub esp, 16
    movups [esp], xmm0
    lea ecx, [eax + PAGE_BYTES]
.next:
%assign at 0
%rep AT_ONCE / 16
    movaps xmm0, [edx + at]
    movaps [eax + at], xmm0
%assign at at + 16
%endrep
    add edx, AT_ONCE
    add eax, AT_ONCE
    cmp eax, ecx
    jb .next
    movups xmm0, [esp]
    add esp, 16
    ret
