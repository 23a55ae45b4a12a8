/* SPDX-License-Identifier: MIT */
/*
 * Exceptions (SDM vol. 3, chapter 6). One table says for each what it is
 * called and which signal number a program dies of. An exception in the kernel
 * is a page fault on user memory, an instruction in the exception table, or a
 * bug.
 */
#include "arch/i386/trap.h"

#include "arch/i386/registers.h"
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/dump.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/kstack.h"
#include "mm/mm.h"

static const struct exception {
    const char *name;
    uint8_t signal;
} exceptions[EXCEPTIONS] = {
    [0] = {"divide error", ABI_SIGFPE},
    [1] = {"debug exception", ABI_SIGTRAP},
    [2] = {"NMI", 0},
    [3] = {"breakpoint", ABI_SIGTRAP},
    [4] = {"overflow", ABI_SIGSEGV},
    [5] = {"bound range exceeded", ABI_SIGSEGV},
    [6] = {"invalid opcode", ABI_SIGILL},
    [7] = {"device not available", ABI_SIGFPE},
    [8] = {"double fault", 0},
    [9] = {"coprocessor segment overrun", ABI_SIGFPE},
    [10] = {"invalid TSS", ABI_SIGSEGV},
    [11] = {"segment not present", ABI_SIGBUS},
    [12] = {"stack fault", ABI_SIGBUS},
    [13] = {"general protection fault", ABI_SIGSEGV},
    [14] = {"page fault", ABI_SIGSEGV},
    [16] = {"x87 error", ABI_SIGFPE},
    [17] = {"alignment check", ABI_SIGBUS},
    [18] = {"machine check", 0},
    [19] = {"SIMD error", ABI_SIGFPE},
    [20] = {"virtualization exception", ABI_SIGSEGV},
    [21] = {"control protection exception", ABI_SIGSEGV},
};

/* Bits of a page fault's error code. */
#define FAULT_WRITE    2u
#define FAULT_RESERVED 8u
#define FAULT_FETCH    16u

struct fixup {
    uint32_t from, to;
};
extern const struct fixup exceptions_start[], exceptions_end[];

static const char *exception_name(uint32_t vector)
{
    const char *name = vector < EXCEPTIONS ? exceptions[vector].name : NULL;
    return name ? name : "reserved exception";
}

/* Where to go on after a fault of this instruction; NULL: nowhere. */
static const struct fixup *find_fixup(const struct trap_frame *frame)
{
    for (const struct fixup *f = exceptions_start; f < exceptions_end; f++)
        if (f->from == frame->eip)
            return f;
    return NULL;
}

/* End the program that did it, with a line that says what it did. */
static NORETURN void kill_program(const struct trap_frame *frame,
                                  uint32_t address, const char *why)
{
    const struct task *task = current_task();
    uint32_t signal = frame->vector < EXCEPTIONS
                          ? exceptions[frame->vector].signal
                          : ABI_SIGSEGV;
    if (frame->vector == VECTOR_PAGE_FAULT)
        log_warn("%s (task %u): %s at %08x by the instruction at %08x%s",
                 task->name, task->tid,
                 frame->error & FAULT_FETCH   ? "execution"
                 : frame->error & FAULT_WRITE ? "write"
                                              : "read",
                 address, frame->eip, why);
    else
        log_warn("%s (task %u): %s (error %x) at %08x%s", task->name, task->tid,
                 exception_name(frame->vector), frame->error, frame->eip, why);
    task_exit_group(STATUS_SIGNAL(signal ? signal : ABI_SIGKILL));
}

static NORETURN void kernel_bug(struct trap_frame *frame, uint32_t address)
{
    if (frame->vector == VECTOR_PAGE_FAULT)
        panic_at(frame, "page fault: %s of %08x (error %x)",
                 frame->error & FAULT_FETCH   ? "execution"
                 : frame->error & FAULT_WRITE ? "write"
                                              : "read",
                 address, frame->error);
    panic_at(frame, "%s (error %x)", exception_name(frame->vector),
             frame->error);
}

/*
 * The kernel may touch user addresses only in the copy functions, which are in
 * the exception table; so a stray pointer of the kernel's is a bug even if the
 * program has a page there.
 */
static void page_fault(struct trap_frame *frame, uint32_t address)
{
    bool user = frame_is_user(frame);
    const struct fixup *fixup = user ? NULL : find_fixup(frame);
    struct task *task = current_task();
    counter_add(COUNTER_faults, 1);
    if ((!user && (!fixup || !task || !task->mm)) ||
        frame->error & FAULT_RESERVED)
        kernel_bug(frame, address);
    if (!user && !(frame->eflags & EFLAGS_IF)) {
        frame->eip = fixup->to; /* it may not sleep: user_peek() */
        return;
    }
    uint32_t access = frame->error & FAULT_WRITE ? MAP_WRITE : 0;
    if (frame->error & FAULT_FETCH)
        access |= MAP_EXECUTE;
    int error = mm_fault(task->mm, address, access);
    if (!error)
        return;
    if (user)
        kill_program(frame, address, error == -ENOMEM ? ": out of memory" : "");
    frame->eip = fixup->to;
}

void trap_exception(struct trap_frame *frame)
{
    uint32_t address = 0;
    if (frame->vector == VECTOR_PAGE_FAULT)
        address = read_cr2();
    if (frame->eflags & EFLAGS_IF)
        interrupts_enable();
    if (frame->vector == VECTOR_PAGE_FAULT) {
        page_fault(frame, address);
        return;
    }
    if (frame_is_user(frame))
        kill_program(frame, 0, "");
    const struct fixup *fixup = find_fixup(frame);
    if (!fixup)
        kernel_bug(frame, 0);
    frame->eip = fixup->to;
}

/* The way back to user mode was not passable: see entry.asm. */
void trap_bad_return(struct trap_frame *frame)
{
    interrupts_enable();
    kill_program(frame, 0, ": cannot return there");
}

void trap_exit_work(void)
{
    task_exit_work();
}

void trap_nmi(struct trap_frame *frame)
{
    extern const char cpu_halt_instruction[];
    counter_add(COUNTER_nmis, 1);
    /*
     * Between STI and HLT: our IRET ends STI's grace, and an interrupt that is
     * pending would come before the HLT, which then sleeps on it. Do not halt.
     */
    if (frame->eip == (uintptr_t)cpu_halt_instruction)
        frame->eip++;
    dump_nmi(frame);
}
