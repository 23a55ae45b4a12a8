/* SPDX-License-Identifier: MIT */
/*
 * Registers, and backtraces by the chain of frame pointers (every function
 * keeps EBP). The chain may be broken when it is needed most, so each link is
 * checked: it must lie in kernel memory that is mapped, and go upwards.
 */
#include "arch/i386/registers.h"
#include "arch/i386/self_map.h"
#include "arch/i386/trap.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/symbols.h"
#include "machine/debug.h"
#include "machine/layout.h"

#define DEPTH 24

/* Whether a word can be read without a fault, under the root now loaded. */
static bool readable(uint32_t address)
{
    if (address < DIRECT_MAP || (address & 3))
        return false;
    if (address < DIRECT_MAP + paging_low_end())
        return true;
    if (address >= KVA_START && address < KVA_END)
        return pte_read(kernel_entry(address)) & PTE_PRESENT;
    /* A stack in the MM's own region: all roots but the kernel's show it. */
    return address >= UKVA_START && address < UKVA_END &&
           read_cr3() != kernel_cr3 &&
           pte_read(self_pde(address)) & PTE_PRESENT &&
           pte_read(self_pte(address)) & PTE_PRESENT;
}

/* `back`: 1 for a return address, which may be the next function's first. */
static void print_place(uint32_t eip, uint32_t back)
{
    uint32_t offset;
    const char *name = symbol_name(eip - back, &offset);
    if (name)
        log_raw("  %08x  %s+%#x", eip, name, offset + back);
    else
        log_raw("  %08x", eip);
}

static void print_chain(uint32_t ebp)
{
    for (int i = 0; i < DEPTH; i++) {
        if (!readable(ebp) || !readable(ebp + 4))
            return;
        const uint32_t *link = (const uint32_t *)ebp;
        if (!link[1])
            return;
        print_place(link[1], 1);
        if (link[0] <= ebp)
            return;
        ebp = link[0];
    }
    log_raw("  ...");
}

void debug_print_backtrace(const struct trap_frame *frame)
{
    if (!frame) {
        print_chain((uintptr_t)__builtin_frame_address(0));
        return;
    }
    print_place(frame->eip, 0);
    if (!frame_is_user(frame))
        print_chain(frame->ebp);
}

void debug_print_registers(const struct trap_frame *f)
{
    /* A double fault's frame is made up and has ESP like one from user mode. */
    bool has_esp = frame_is_user(f) || f->vector == VECTOR_DOUBLE_FAULT;
    log_raw("eax %08x  ebx %08x  ecx %08x  edx %08x", f->eax, f->ebx, f->ecx,
            f->edx);
    log_raw("esi %08x  edi %08x  ebp %08x  esp %08x", f->esi, f->edi, f->ebp,
            has_esp ? f->esp : (uintptr_t)&f->esp);
    log_raw("eip %08x  cs %04x  eflags %08x  cr2 %08x  cr3 %08x", f->eip,
            f->cs & 0xffff, f->eflags, read_cr2(), read_cr3());
}
