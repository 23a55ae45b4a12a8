/* SPDX-License-Identifier: MIT */
/*
 * Signal frames, as Linux on i386 lays them out: handlers read and change
 * them. From high addresses to low on the program's stack:
 *
 *   the FPU: FNSAVE's image and behind it FXSAVE's
 *   the frame: old style (struct frame) or, with SA_SIGINFO, struct rt_frame
 *
 * sigreturn takes all of it back from where a program may have written
 * anything: flags are filtered, selectors get RPL 3 (one that cannot be loaded
 * faults on the way out, see entry.asm), MXCSR loses the bits the CPU lacks.
 */
#include "machine/signal.h"

#include "arch/i386/registers.h"
#include "arch/i386/selectors.h"
#include "arch/i386/trap.h"
#include "kernel/abi/errno.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/switch.h"
#include "machine/uaccess.h"

/* FNSAVE's image first, as Linux has it. */
struct fpu_image {
    uint8_t legacy[108];
    uint16_t status, magic; /* 0: FXSAVE's image follows */
    uint8_t fxsave[512];
};

#define FXSAVE_MXCSR      24
#define FXSAVE_MXCSR_MASK 28
#define MXCSR_MASK        0xffbf /* where the CPU does not say */
#define FPU_STATUS        4      /* in FNSAVE's image */

/* Linux: struct sigcontext. */
struct context {
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
    uint32_t trap, error;
    uint32_t eip, cs, eflags, esp_at_signal, ss;
    uint32_t fpu; /* address of the image */
    uint32_t old_mask, cr2;
};

struct frame {
    uint32_t return_to, number;
    struct context context;
    uint8_t unused[624];
    uint32_t more_mask;
    uint8_t code[8];
};

struct rt_frame {
    uint32_t return_to, number, info_at, context_at;
    union {
        struct signal_info info;
        uint8_t info_bytes[ABI_SIGINFO_BYTES];
    };
    /* Linux: struct ucontext. */
    uint32_t flags, link;
    struct abi_stack stack;
    struct context context;
    signal_set mask;
    uint8_t code[8];
};

_Static_assert(sizeof(struct context) == 88 && sizeof(struct frame) == 732 &&
                   offsetof(struct fpu_image, fxsave) == 112 &&
                   offsetof(struct rt_frame, flags) == 144 &&
                   sizeof(struct rt_frame) == 268,
               "frames as Linux has them");

/* What a program may change in EFLAGS by sigreturn. */
#define EFLAGS_FREE                                                          \
    (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF | \
     EFLAGS_DF | EFLAGS_OF | EFLAGS_RF | EFLAGS_AC)

/* pop eax; mov eax, 119; int 0x80, and mov eax, 173; int 0x80. */
static const uint8_t return_code[] = {0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80};
static const uint8_t rt_return_code[] = {0xb8, 173, 0, 0, 0, 0xcd, 0x80, 0};

void load_gs(uint32_t selector);

static struct trap_frame *user_frame(void)
{
    return (struct trap_frame *)task_stack_top(current_task()) - 1;
}

int32_t *call_result(void)
{
    struct trap_frame *frame = user_frame();
    return frame->vector == VECTOR_SYSCALL ? (int32_t *)&frame->eax : NULL;
}

#define INT_BYTES 2 /* of the instruction int 0x80 */

void call_again(void)
{
    struct trap_frame *frame = user_frame();
    frame->eax = frame->error;
    frame->eip -= INT_BYTES;
}

/* --- FPU ------------------------------------------------------------------ */

/*
 * The current task's FPU, and its start state for the handler. FXSAVE needs
 * alignment, so it goes by way of the place where switches save to; there is
 * none in between.
 */
static void save_fpu(struct fpu_image *image)
{
    struct task_machine *m = &current_task()->machine;
    __asm__ volatile("fxsave %0\n\tfnsave %1"
                     : "=m"(m->fpu), "=m"(image->legacy));
    memcpy(image->fxsave, m->fpu, sizeof(image->fxsave));
    memcpy(&image->status, image->legacy + FPU_STATUS, sizeof(uint16_t));
    image->magic = 0;
    fpu_init(m);
    __asm__ volatile("fxrstor %0" : : "m"(m->fpu));
}

/*
 * XMM registers and MXCSR come from the second image, the x87 ones from the
 * first, as in Linux. FRSTOR would report exceptions that the second one
 * brought in: FNCLEX.
 */
static void restore_fpu(const struct fpu_image *image)
{
    struct task_machine *m = &current_task()->machine;
    uint32_t mask, mxcsr;
    __asm__ volatile("fxsave %0" : "=m"(m->fpu));
    memcpy(&mask, m->fpu + FXSAVE_MXCSR_MASK, sizeof(mask));
    memcpy(m->fpu, image->fxsave, sizeof(image->fxsave));
    memcpy(&mxcsr, m->fpu + FXSAVE_MXCSR, sizeof(mxcsr));
    mxcsr &= mask ? mask : MXCSR_MASK;
    memcpy(m->fpu + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
    __asm__ volatile("fxrstor %0\n\tfnclex\n\tfrstor %1"
                     :
                     : "m"(m->fpu), "m"(image->legacy));
}

/* --- Going to a handler --------------------------------------------------- */

static bool on_stack(const struct abi_stack *stack, uint32_t esp)
{
    return !(stack->flags & ABI_SS_AUTODISARM) && esp > stack->start &&
           esp - stack->start <= stack->size;
}

static uint32_t stack_state(const struct abi_stack *stack, uint32_t esp)
{
    return !stack->size           ? ABI_SS_DISABLE
           : on_stack(stack, esp) ? ABI_SS_ONSTACK
                                  : 0;
}

static struct abi_stack stack_now(uint32_t esp)
{
    struct abi_stack stack = current_task()->signals.stack;
    stack.flags = stack_state(&stack, esp) | (stack.flags & ABI_SS_AUTODISARM);
    return stack;
}

static void fill_context(struct context *context, uint32_t fpu,
                         signal_set blocked)
{
    const struct trap_frame *f = user_frame();
    const struct task_signals *s = &current_task()->signals;
    uint32_t gs;
    __asm__ volatile("movl %%gs, %0" : "=r"(gs));
    *context = (struct context){gs & 0xffff,
                                f->fs & 0xffff,
                                f->es & 0xffff,
                                f->ds & 0xffff,
                                f->edi,
                                f->esi,
                                f->ebp,
                                f->esp,
                                f->ebx,
                                f->edx,
                                f->ecx,
                                f->eax,
                                s->trap,
                                s->error,
                                f->eip,
                                f->cs & 0xffff,
                                f->eflags,
                                f->esp,
                                f->ss & 0xffff,
                                fpu,
                                (uint32_t)blocked,
                                s->address};
}

/* Where the FPU's image goes, and below it a frame of so many bytes. */
struct places {
    uint32_t fpu, frame;
};

/* `frame` is 0 when the alternate stack would be overrun. */
static struct places find_places(uint32_t flags, uint32_t bytes)
{
    const struct abi_stack *stack = &current_task()->signals.stack;
    uint32_t esp = user_frame()->esp;
    bool alternate = on_stack(stack, esp);
    struct places places;
    if (flags & ABI_SA_ONSTACK && !stack_state(stack, esp)) {
        esp = stack->start + stack->size;
        alternate = true;
    }
    places.fpu = round_down(esp - sizeof(((struct fpu_image *)0)->fxsave), 64) -
                 offsetof(struct fpu_image, fxsave);
    /* As after a call: the ABI wants ESP + 4 to be a multiple of 16. */
    places.frame = round_down(places.fpu - bytes + 4, 16) - 4;
    if (alternate && (places.frame <= stack->start ||
                      places.frame - stack->start > stack->size))
        places.frame = 0;
    return places;
}

static int put_frame(struct places at, const struct signal_info *info,
                     const struct abi_sigaction *action, signal_set blocked)
{
    struct frame frame;
    memset(&frame, 0, sizeof(frame));
    frame.number = (uint32_t)info->number;
    frame.return_to = action->flags & ABI_SA_RESTORER
                          ? action->restorer
                          : at.frame + offsetof(struct frame, code);
    fill_context(&frame.context, at.fpu, blocked);
    frame.more_mask = (uint32_t)(blocked >> 32);
    memcpy(frame.code, return_code, sizeof(frame.code));
    return copy_to_user(user_ptr_at(at.frame), &frame, sizeof(frame));
}

static int put_rt_frame(struct places at, const struct signal_info *info,
                        const struct abi_sigaction *action, signal_set blocked)
{
    struct rt_frame frame;
    memset(&frame, 0, sizeof(frame));
    frame.number = (uint32_t)info->number;
    frame.info_at = at.frame + offsetof(struct rt_frame, info);
    frame.context_at = at.frame + offsetof(struct rt_frame, flags);
    frame.return_to = action->flags & ABI_SA_RESTORER
                          ? action->restorer
                          : at.frame + offsetof(struct rt_frame, code);
    frame.info = *info;
    frame.stack = stack_now(user_frame()->esp);
    fill_context(&frame.context, at.fpu, blocked);
    frame.mask = blocked;
    memcpy(frame.code, rt_return_code, sizeof(frame.code));
    return copy_to_user(user_ptr_at(at.frame), &frame, sizeof(frame));
}

int signal_enter_handler(const struct signal_info *info,
                         const struct abi_sigaction *action, signal_set blocked)
{
    struct abi_stack *stack = &current_task()->signals.stack;
    bool rt = action->flags & ABI_SA_SIGINFO;
    struct places at = find_places(action->flags, rt ? sizeof(struct rt_frame)
                                                     : sizeof(struct frame));
    struct fpu_image image;
    if (!at.frame || (rt ? put_rt_frame : put_frame)(at, info, action, blocked))
        return -EFAULT;
    save_fpu(&image);
    if (copy_to_user(user_ptr_at(at.fpu), &image, sizeof(image))) {
        restore_fpu(&image);
        return -EFAULT;
    }
    if (stack->flags & ABI_SS_AUTODISARM)
        *stack = (struct abi_stack){0, ABI_SS_DISABLE, 0};
    struct trap_frame *f = user_frame();
    f->eax = (uint32_t)info->number;
    f->edx = rt ? at.frame + offsetof(struct rt_frame, info) : 0;
    f->ecx = rt ? at.frame + offsetof(struct rt_frame, flags) : 0;
    f->eip = action->handler;
    f->esp = at.frame;
    f->eflags &= ~(EFLAGS_DF | EFLAGS_RF | EFLAGS_TF);
    f->cs = USER_CS;
    f->ss = f->ds = f->es = USER_DS;
    return 0;
}

/* --- Coming back ---------------------------------------------------------- */

static uint32_t user_selector(uint32_t selector)
{
    return (selector & 0xffff) | 3;
}

/* Whether programs can read through it: without that they cannot go on. */
static bool is_readable(uint32_t selector)
{
    bool readable;
    __asm__("verr %w1" : "=@ccz"(readable) : "r"(user_selector(selector)));
    return readable;
}

/* Registers and FPU from a frame; 0 or -EFAULT. */
static int take_context(const struct context *c)
{
    struct trap_frame *f = user_frame();
    struct fpu_image image;
    if (!is_readable(c->ds) || !is_readable(c->es))
        return -EFAULT;
    if (c->fpu) {
        if (copy_from_user(&image, user_ptr_at(c->fpu), sizeof(image)))
            return -EFAULT;
        restore_fpu(&image);
    } else {
        save_fpu(&image); /* the start state */
    }
    *f = (struct trap_frame){.ebx = c->ebx,
                             .ecx = c->ecx,
                             .edx = c->edx,
                             .esi = c->esi,
                             .edi = c->edi,
                             .ebp = c->ebp,
                             .eax = c->eax,
                             .ds = user_selector(c->ds),
                             .es = user_selector(c->es),
                             .fs = user_selector(c->fs),
                             .vector = 0, /* no call that could be made again */
                             .eip = c->eip,
                             .cs = user_selector(c->cs),
                             .eflags = (f->eflags & ~EFLAGS_FREE) |
                                       (c->eflags & EFLAGS_FREE),
                             .esp = c->esp,
                             .ss = user_selector(c->ss)};
    load_gs(user_selector(c->gs));
    return 0;
}

/* The result, which entry.asm stores where it is already. */
static int32_t returned(int error, signal_set blocked)
{
    if (error)
        signal_force_segv("bad signal frame");
    else
        signal_set_blocked(blocked);
    return (int32_t)user_frame()->eax;
}

/* The handler's return took return_to off the stack, the code the number. */
int32_t sys_sigreturn(const uint32_t *arg)
{
    struct frame frame;
    (void)arg;
    uint32_t at = user_frame()->esp - offsetof(struct frame, context);
    int error = copy_from_user(&frame, user_ptr_at(at), sizeof(frame)) ||
                take_context(&frame.context);
    return returned(error,
                    (signal_set)frame.more_mask << 32 | frame.context.old_mask);
}

/*
 * Code on a stack cannot run (NX). If it is the frame's, the fault does what
 * it would have done, for programs that give no SA_RESTORER.
 */
bool signal_return_code(uint32_t eip)
{
    uint8_t code[sizeof(return_code)];
    if (copy_from_user(code, user_ptr_at(eip), sizeof(code)))
        return false;
    if (!memcmp(code, return_code, sizeof(code))) {
        user_frame()->esp += sizeof(uint32_t); /* pop eax */
        (void)sys_sigreturn(NULL);
    } else if (!memcmp(code, rt_return_code, sizeof(code))) {
        (void)sys_rt_sigreturn(NULL);
    } else {
        return false;
    }
    return true;
}

static void set_stack(const struct abi_stack *new)
{
    current_task()->signals.stack =
        new->flags &ABI_SS_DISABLE
            ? (struct abi_stack){0, new->flags &ABI_SS_AUTODISARM, 0}
            : *new;
}

/* 0, or why this cannot be the alternate stack. */
static int check_stack(const struct abi_stack *new)
{
    uint32_t mode = new->flags & ~ABI_SS_AUTODISARM;
    if (on_stack(&current_task()->signals.stack, user_frame()->esp))
        return -EPERM;
    if (mode != ABI_SS_DISABLE && mode != ABI_SS_ONSTACK && mode)
        return -EINVAL;
    return mode != ABI_SS_DISABLE && new->size < ABI_MINSIGSTKSZ ? -ENOMEM : 0;
}

int32_t sys_rt_sigreturn(const uint32_t *arg)
{
    struct rt_frame frame;
    (void)arg;
    uint32_t at = user_frame()->esp - offsetof(struct rt_frame, number);
    int error = copy_from_user(&frame, user_ptr_at(at), sizeof(frame)) ||
                take_context(&frame.context);
    if (!error && !check_stack(&frame.stack))
        set_stack(&frame.stack);
    return returned(error, frame.mask);
}

/* new stack, old stack */
int32_t sys_sigaltstack(const uint32_t *arg)
{
    struct abi_stack new, old = stack_now(user_frame()->esp);
    if (arg[0]) {
        if (copy_from_user(&new, user_ptr_at(arg[0]), sizeof(new)))
            return -EFAULT;
        int error = check_stack(&new);
        if (error)
            return error;
        set_stack(&new);
    }
    return arg[1] ? copy_to_user(user_ptr_at(arg[1]), &old, sizeof(old)) : 0;
}
