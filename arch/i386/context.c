/* SPDX-License-Identifier: MIT */
/*
 * First and last steps of tasks: the stack that a new one begins with, and
 * leaving one for good. The switch itself is in machine/switch.h.
 */
#include "machine/context.h"

#include "arch/i386/selectors.h"
#include "arch/i386/trap.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/switch.h"
#include "mm/kstack.h"

#define EFLAGS_USER 0x202 /* interrupts on, bit 1 is always set */

/* Defaults of FNINIT and MXCSR (SDM vol. 1, 8.1.5 and 10.2.3). */
#define FPU_CONTROL  0x037f
#define FPU_MXCSR    0x1f80
#define FXSAVE_MXCSR 24

NORETURN void leave_stack(void (*function)(void));
void start_user(void);
void start_kernel(void);
void context_begin(void);
void task_thread_end(void);

/* What switch_stacks pops. */
struct switch_frame {
    uint32_t edi, esi, ebx, ebp;
    void (*eip)(void);
};

/* What a new task calls first: it comes out of a switch it never went into. */
void context_begin(void)
{
    struct task *self = current_task();
    if (self->mm)
        fpu_load(&self->machine);
    sched_switched();
}

void task_thread_end(void)
{
    task_exit(0);
}

/*
 * The end of a task's stack as it can be written from here: it may lie in the
 * kernel region of another MM. Given up with close_stack(), without sleeping.
 */
static uint8_t *open_stack(const struct task *task)
{
    return kstack_open(task->mm, task->stack) + PAGE_SIZE;
}

static void close_stack(const struct task *task, uint8_t *top)
{
    kstack_close(top - PAGE_SIZE, task->stack);
}

/* Below what lies `depth` bytes under the stack's end. */
static void push_switch_frame(struct task *task, uint8_t *top, uint32_t depth,
                              struct switch_frame frame)
{
    depth += sizeof(frame);
    *(struct switch_frame *)(top - depth) = frame;
    task->stack_pointer = task_stack_top(task) - depth;
}

/* Return to user mode with these registers. */
static void begin_in_user_mode(struct task *task,
                               const struct trap_frame *registers)
{
    uint8_t *top = open_stack(task);
    *((struct trap_frame *)top - 1) = *registers;
    push_switch_frame(task, top, sizeof(*registers),
                      (struct switch_frame){.eip = start_user});
    close_stack(task, top);
}

void fpu_init(struct task_machine *m)
{
    memset(m->fpu, 0, sizeof(m->fpu));
    m->fpu[0] = FPU_CONTROL & 0xff;
    m->fpu[1] = FPU_CONTROL >> 8;
    m->fpu[FXSAVE_MXCSR] = FPU_MXCSR & 0xff;
    m->fpu[FXSAVE_MXCSR + 1] = FPU_MXCSR >> 8;
}

void context_init_user(struct task *task, uint32_t entry, uint32_t stack)
{
    fpu_init(&task->machine);
    task->machine.user_gs = 0;
    /* An exec has them from the old program. */
    memset(task->machine.tls, 0, sizeof(task->machine.tls));
    const struct trap_frame registers = {.ds = USER_DS,
                                         .es = USER_DS,
                                         .eip = entry,
                                         .cs = USER_CS,
                                         .eflags = EFLAGS_USER,
                                         .esp = stack,
                                         .ss = USER_DS};
    begin_in_user_mode(task, &registers);
}

void context_init_clone(struct task *task, uint32_t stack)
{
    struct task *self = current_task();
    fpu_save(&self->machine);
    task->machine = self->machine;
    struct trap_frame registers =
        *((const struct trap_frame *)task_stack_top(self) - 1);
    registers.eax = 0;
    if (stack)
        registers.esp = stack;
    begin_in_user_mode(task, &registers);
}

void context_init_kernel(struct task *task, void (*function)(void *argument),
                         void *argument)
{
    /* Two zero words end the chain of frame pointers. */
    uint8_t *top = open_stack(task);
    ((uint32_t *)top)[-1] = ((uint32_t *)top)[-2] = 0;
    push_switch_frame(task, top, 2 * sizeof(uint32_t),
                      (struct switch_frame){.esi = (uintptr_t)function,
                                            .edi = (uintptr_t)argument,
                                            .eip = start_kernel});
    close_stack(task, top);
}

void context_leave_stack(void (*function)(void))
{
    leave_stack(function);
}
