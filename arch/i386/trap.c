/* SPDX-License-Identifier: MIT */
/*
 * Exceptions (SDM vol. 3, chapter 6). One table says for each what it is
 * called and which signal a program gets. An exception in the kernel
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
#include "kernel/signal.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/signal.h"
#include "mm/area.h"
#include "mm/kstack.h"
#include "mm/mm.h"

/* What a program's fault of each kind is to its handler (siginfo). */
static const struct exception {
    const char *name;
    uint8_t signal;
    uint8_t code; /* 0: ABI_SI_KERNEL, without an address */
} exceptions[EXCEPTIONS] = {
    [0] = {"divide error", ABI_SIGFPE, ABI_FPE_INTDIV},
    [1] = {"debug exception", ABI_SIGTRAP, ABI_TRAP_TRACE},
    [2] = {"NMI", 0, 0},
    [3] = {"breakpoint", ABI_SIGTRAP, 0},
    [4] = {"overflow", ABI_SIGSEGV, 0},
    [5] = {"bound range exceeded", ABI_SIGSEGV, 0},
    [6] = {"invalid opcode", ABI_SIGILL, ABI_ILL_ILLOPN},
    [7] = {"device not available", ABI_SIGFPE, 0},
    [8] = {"double fault", 0, 0},
    [9] = {"coprocessor segment overrun", ABI_SIGFPE, 0},
    [10] = {"invalid TSS", ABI_SIGSEGV, 0},
    [11] = {"segment not present", ABI_SIGBUS, 0},
    [12] = {"stack fault", ABI_SIGBUS, 0},
    [13] = {"general protection fault", ABI_SIGSEGV, 0},
    [14] = {"page fault", ABI_SIGSEGV, 0},
    [16] = {"x87 error", ABI_SIGFPE, 0},
    [17] = {"alignment check", ABI_SIGBUS, ABI_BUS_ADRALN},
    [18] = {"machine check", 0, 0},
    [19] = {"SIMD error", ABI_SIGFPE, 0},
    [20] = {"virtualization exception", ABI_SIGSEGV, 0},
    [21] = {"control protection exception", ABI_SIGSEGV, 0},
};

#define VECTOR_ALIGNMENT 17
#define VECTOR_X87       16
#define VECTOR_SIMD      19
#define VECTOR_IRET      32 /* Linux's name for a return that fails */

/* Bits of a page fault's error code. */
#define FAULT_PRESENT  1u
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
                                  uint32_t address, uint32_t signal,
                                  const char *why)
{
    const struct task *task = current_task();
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

/* The code of SIGFPE: unmasked exceptions, by their bits (SDM vol. 1, 8.5). */
static int32_t fpu_code(uint32_t vector)
{
    uint16_t control, status;
    uint32_t mxcsr, raised;
    __asm__ volatile("fnstcw %0\n\tfnstsw %1\n\tstmxcsr %2"
                     : "=m"(control), "=m"(status), "=m"(mxcsr));
    raised = vector == VECTOR_X87 ? status & ~control : mxcsr & ~(mxcsr >> 7);
    return raised & 0x01   ? ABI_FPE_FLTINV
           : raised & 0x04 ? ABI_FPE_FLTDIV
           : raised & 0x08 ? ABI_FPE_FLTOVF
           : raised & 0x12 ? ABI_FPE_FLTUND
           : raised & 0x20 ? ABI_FPE_FLTRES
                           : 0;
}

/* A fault of the program, not of memory: its handler, or its end. */
static void program_fault(const struct trap_frame *frame)
{
    const struct exception *e =
        &exceptions[frame->vector < EXCEPTIONS ? frame->vector : 0];
    int32_t code = e->code;
    if (frame->vector == VECTOR_X87 || frame->vector == VECTOR_SIMD) {
        code = fpu_code(frame->vector);
        if (!code)
            return; /* none is left: go on */
    }
    uint32_t address =
        code && frame->vector != VECTOR_ALIGNMENT ? frame->eip : 0;
    if (!e->signal || !signal_fault(e->signal, code ? code : ABI_SI_KERNEL,
                                    address, frame->vector, frame->error))
        kill_program(frame, 0, e->signal, "");
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

/* Memory that is not there or may not be used so: a handler, or the end. */
static void bad_access(const struct trap_frame *frame, uint32_t address,
                       int error)
{
    uint32_t signal = error == -ENXIO ? ABI_SIGBUS : ABI_SIGSEGV;
    int32_t code = error == -ENXIO    ? ABI_BUS_ADRERR
                   : error == -EACCES ? ABI_SEGV_ACCERR
                                      : ABI_SEGV_MAPERR;
    /* Programs do not learn what the kernel has mapped. */
    uint32_t bits = frame->error | (address < USER_END ? 0 : FAULT_PRESENT);
    current_task()->signals.address = address;
    if (frame->error & FAULT_FETCH && signal_return_code(address))
        return;
    if (!signal_fault(signal, code, address, VECTOR_PAGE_FAULT, bits))
        kill_program(frame, address, signal, "");
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
    uint32_t access = frame->error & FAULT_WRITE ? AREA_WRITE : 0;
    if (frame->error & FAULT_FETCH)
        access |= AREA_EXECUTE;
    int error = mm_fault(task->mm, address, access);
    if (!error)
        return;
    if (!user)
        frame->eip = fixup->to;
    else if (error != -ENOMEM) /* then it ends before it goes on */
        bad_access(frame, address, error);
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
    if (frame_is_user(frame)) {
        program_fault(frame);
        return;
    }
    const struct fixup *fixup = find_fixup(frame);
    if (!fixup)
        kernel_bug(frame, 0);
    frame->eip = fixup->to;
}

/* The way back to user mode was not passable: see entry.asm. */
void trap_bad_return(struct trap_frame *frame)
{
    interrupts_enable();
    if (!signal_fault(ABI_SIGSEGV, ABI_ILL_BADSTK, 0, VECTOR_IRET, 0))
        kill_program(frame, 0, ABI_SIGSEGV, ": cannot return there");
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
