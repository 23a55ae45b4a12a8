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

static struct trap_frame *user_frame(const struct task *task)
{
    return (struct trap_frame *)task_stack_top(task) - 1;
}

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

static void push_switch_frame(struct task *task, void *below,
                              struct switch_frame frame)
{
    struct switch_frame *place = (struct switch_frame *)below - 1;
    *place = frame;
    task->stack_pointer = (uintptr_t)place;
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
    struct trap_frame *frame = user_frame(task);
    *frame = (struct trap_frame){.ds = USER_DS,
                                 .es = USER_DS,
                                 .eip = entry,
                                 .cs = USER_CS,
                                 .eflags = EFLAGS_USER,
                                 .esp = stack,
                                 .ss = USER_DS};
    push_switch_frame(task, frame, (struct switch_frame){.eip = start_user});
}

void context_init_clone(struct task *task, uint32_t stack)
{
    struct task *self = current_task();
    fpu_save(&self->machine);
    task->machine = self->machine;
    struct trap_frame *frame = user_frame(task);
    *frame = *user_frame(self);
    frame->eax = 0;
    if (stack)
        frame->esp = stack;
    push_switch_frame(task, frame, (struct switch_frame){.eip = start_user});
}

void context_init_kernel(struct task *task, void (*function)(void *argument),
                         void *argument)
{
    /* Two zero words end the chain of frame pointers. */
    uint32_t *top = (uint32_t *)task_stack_top(task) - 2;
    top[0] = top[1] = 0;
    push_switch_frame(task, top,
                      (struct switch_frame){.esi = (uintptr_t)function,
                                            .edi = (uintptr_t)argument,
                                            .eip = start_kernel});
}

void context_leave_stack(void (*function)(void))
{
    leave_stack(function);
}
