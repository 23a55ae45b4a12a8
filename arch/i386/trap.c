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
#include "kernel/counters.h"
#include "kernel/dump.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/signal.h"
#include "mm/area.h"
#include "mm/mm.h"

/*
 * What the log says before an address, and what a handler learns. Those that
 * are not here cannot be, or do not come to trap_exception().
 */
static const struct exception {
    const char *name;
    uint8_t signal;
    uint8_t code; /* 0: ABI_SI_KERNEL, without an address */
} exceptions[EXCEPTIONS] = {
    [0] = {"divide error at", ABI_SIGFPE, ABI_FPE_INTDIV},
    [1] = {"debug exception at", ABI_SIGTRAP, ABI_TRAP_TRACE},
    [3] = {"breakpoint at", ABI_SIGTRAP, 0},
    [4] = {"overflow at", ABI_SIGSEGV, 0},
    [5] = {"bound range exceeded at", ABI_SIGSEGV, 0},
    [6] = {"invalid opcode at", ABI_SIGILL, ABI_ILL_ILLOPN},
    [11] = {"segment not present at", ABI_SIGBUS, 0},
    [12] = {"stack fault at", ABI_SIGBUS, 0},
    [13] = {"general protection fault at", ABI_SIGSEGV, 0},
    [16] = {"x87 error at", ABI_SIGFPE, 0},
    [17] = {"alignment check at", ABI_SIGBUS, ABI_BUS_ADRALN},
    [19] = {"SIMD error at", ABI_SIGFPE, 0},
};

#define VECTOR_X87       16
#define VECTOR_ALIGNMENT 17
#define VECTOR_SIMD      19

/* Bits of a page fault's error code. */
#define FAULT_PRESENT  1u
#define FAULT_WRITE    2u
#define FAULT_RESERVED 8u
#define FAULT_FETCH    16u

struct fixup {
    uint32_t from, to;
};
extern const struct fixup exceptions_start[], exceptions_end[];

static const char *event_name(const struct trap_frame *frame)
{
    const char *name = exceptions[frame->vector].name;
    if (frame->vector != VECTOR_PAGE_FAULT)
        return name ? name : "reserved exception at";
    return frame->error & FAULT_FETCH   ? "page fault: execution of"
           : frame->error & FAULT_WRITE ? "page fault: write of"
                                        : "page fault: read of";
}

/* Where to go on after a fault of this instruction; NULL: nowhere. */
static const struct fixup *find_fixup(const struct trap_frame *frame)
{
    for (const struct fixup *f = exceptions_start; f < exceptions_end; f++)
        if (f->from == frame->eip)
            return f;
    return NULL;
}

static NORETURN void kernel_bug(struct trap_frame *frame, uint32_t address)
{
    panic_at(frame, "%s %08x (error %x)", event_name(frame), address,
             frame->error);
}

/* A fault of the program: its handler, or its end with a line that says why. */
static void program_fault(const struct trap_frame *frame, uint32_t address,
                          const struct signal_info *info, uint32_t error)
{
    const struct task *task = current_task();
    if (signal_fault(info, frame->vector, error))
        return;
    log_warn("%s (task %u), instruction at %08x: %s %08x (error %x)",
             task->name, task->tid, frame->eip, event_name(frame), address,
             frame->error);
    task_exit_group(STATUS_SIGNAL((uint32_t)info->number));
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

/* A program's exception other than a page fault. */
static void bad_instruction(const struct trap_frame *frame)
{
    const struct exception *e = &exceptions[frame->vector];
    struct signal_info info = {.number = e->signal ? e->signal : ABI_SIGSEGV,
                               .code = e->code};
    if (frame->vector == VECTOR_X87 || frame->vector == VECTOR_SIMD) {
        info.code = fpu_code(frame->vector);
        if (!info.code)
            return; /* none is left: go on */
    }
    if (!info.code)
        info.code = ABI_SI_KERNEL;
    else if (frame->vector != VECTOR_ALIGNMENT)
        info.address = frame->eip;
    program_fault(frame, frame->eip, &info, frame->error);
}

/* Memory that is not there or may not be used so. */
static void bad_access(const struct trap_frame *frame, uint32_t address,
                       int error)
{
    struct signal_info info = {
        .number = ABI_SIGSEGV, .code = ABI_SEGV_MAPERR, .address = address};
    if (frame->eip == address && signal_return_fault(address))
        return;
    if (error == -ENXIO) {
        info.number = ABI_SIGBUS;
        info.code = ABI_BUS_ADRERR;
    } else if (error == -EACCES) {
        info.code = ABI_SEGV_ACCERR;
    }
    current_task()->signals.address = address;
    /* Programs do not learn what the kernel has mapped. */
    program_fault(frame, address, &info,
                  frame->error | (address < USER_END ? 0 : FAULT_PRESENT));
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
    uint32_t access = frame->error & FAULT_WRITE ? AREA_WRITE : 0;
    if (frame->error & FAULT_FETCH)
        access |= AREA_EXECUTE;
    int error = -EFAULT;
    if (user || frame->eflags & EFLAGS_IF) /* else no sleep: user_peek() */
        error = mm_fault(task->mm, address, access);
    if (error && !user)
        frame->eip = fixup->to;
    else if (error && error != -ENOMEM) /* then it ends before it goes on */
        bad_access(frame, address, error);
}

void trap_exception(struct trap_frame *frame)
{
    uint32_t address = read_cr2(); /* before another fault changes it */
    const struct fixup *fixup;
    if (frame->eflags & EFLAGS_IF)
        interrupts_enable();
    if (frame->vector == VECTOR_PAGE_FAULT)
        page_fault(frame, address);
    else if (frame_is_user(frame))
        bad_instruction(frame);
    else if ((fixup = find_fixup(frame)))
        frame->eip = fixup->to;
    else
        kernel_bug(frame, frame->eip);
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
