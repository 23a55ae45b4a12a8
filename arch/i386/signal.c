/* SPDX-License-Identifier: MIT */
/*
 * Signal frames, as Linux on i386 lays them out: handlers read and change
 * them. From high addresses to low on the program's stack:
 *
 *   the FPU: FNSAVE's image and behind it FXSAVE's
 *   the frame: old style or, with SA_SIGINFO, new style (struct signal_frame)
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
    struct fxsave {
        uint8_t x87[24];
        uint32_t mxcsr, mxcsr_mask;
        uint8_t registers[480];
    } fxsave;
};

#define MXCSR_MASK 0xffbf /* where the CPU does not say */
#define FPU_STATUS 4      /* in FNSAVE's image */

/* Linux: struct sigcontext. */
struct context {
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
    uint32_t trap, error;
    uint32_t eip, cs, eflags, esp_at_signal, ss;
    uint32_t fpu; /* address of the image */
    uint32_t old_mask, cr2;
};

/* Both kinds: what a handler and its end find at ESP. */
struct signal_frame {
    uint32_t return_to, number;
    union {
        struct {
            struct context context;
            uint8_t unused[624];
            uint32_t more_mask;
            uint8_t code[8];
        } old;
        struct {
            uint32_t info_at, context_at;
            struct signal_info info;
            uint32_t flags, link; /* here begins Linux's struct ucontext */
            struct abi_stack stack;
            struct context context;
            signal_set mask;
            uint8_t code[8];
        } rt;
    };
};

#define OLD_BYTES offsetof(struct signal_frame, old.code[8])
#define RT_BYTES  offsetof(struct signal_frame, rt.code[8])

_Static_assert(sizeof(struct context) == 88 && OLD_BYTES == 732 &&
                   offsetof(struct fpu_image, fxsave) == 112 &&
                   offsetof(struct signal_frame, rt.flags) == 144 &&
                   RT_BYTES == 268,
               "frames as Linux has them");

/* Where the words of a context lie in a trap frame. */
#define WORD(name) (offsetof(struct trap_frame, name) / sizeof(uint32_t))
#define NOWHERE    0xff
static const uint8_t context_words[] = {
    NOWHERE,   WORD(fs),     WORD(es),  WORD(ds),  WORD(edi),
    WORD(esi), WORD(ebp),    WORD(esp), WORD(ebx), WORD(edx),
    WORD(ecx), WORD(eax),    NOWHERE,   NOWHERE,   WORD(eip),
    WORD(cs),  WORD(eflags), NOWHERE,   WORD(ss)};

/* What a program may change in EFLAGS by sigreturn. */
#define EFLAGS_FREE                                                          \
    (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF | \
     EFLAGS_DF | EFLAGS_OF | EFLAGS_RF | EFLAGS_AC)

/*
 * Where handlers return to without SA_RESTORER. Nothing is there: the fault
 * does what the code of Linux's vDSO would.
 */
#define RETURN    0xffffe000u
#define RETURN_RT 0xffffe010u

void load_gs(uint32_t selector);

static struct trap_frame *user_frame(void)
{
    return (struct trap_frame *)task_stack_top(current_task()) - 1;
}

#define INT_BYTES 2 /* of the instruction int 0x80 */

void signal_end_call(const struct abi_sigaction *action)
{
    struct trap_frame *f = user_frame();
    int32_t result = (int32_t)f->eax;
    if (f->vector != VECTOR_SYSCALL ||
        (result != -ERESTART && result != -ERESTART_NO_HANDLER))
        return;
    if (action && (result != -ERESTART || !(action->flags & ABI_SA_RESTART))) {
        f->eax = (uint32_t)-EINTR;
    } else {
        f->eax = f->error; /* the call's number */
        f->eip -= INT_BYTES;
    }
}

/* --- FPU ------------------------------------------------------------------ */

/*
 * FXSAVE needs alignment, so it goes by way of the place where switches save
 * to; there is none in between.
 */
static void save_fpu(struct fpu_image *image)
{
    struct task_machine *m = &current_task()->machine;
    __asm__ volatile("fxsave %0\n\tfnsave %1\n\tfxrstor %0"
                     : "+m"(m->fpu), "=m"(image->legacy));
    memcpy(&image->fxsave, m->fpu, sizeof(image->fxsave));
    memcpy(&image->status, image->legacy + FPU_STATUS, sizeof(uint16_t));
    image->magic = 0;
}

/* As a program finds it. */
static void reset_fpu(void)
{
    struct task_machine *m = &current_task()->machine;
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
    struct fxsave *own = (struct fxsave *)m->fpu;
    __asm__ volatile("fxsave %0" : "=m"(m->fpu));
    uint32_t mask = own->mxcsr_mask ? own->mxcsr_mask : MXCSR_MASK;
    *own = image->fxsave;
    own->mxcsr &= mask;
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

/* The alternate stack as sigaltstack shows it. */
static struct abi_stack stack_now(void)
{
    struct abi_stack stack = current_task()->signals.stack;
    if (!stack.size)
        stack.flags |= ABI_SS_DISABLE;
    else if (on_stack(&stack, user_frame()->esp))
        stack.flags |= ABI_SS_ONSTACK;
    return stack;
}

static void fill_context(struct context *context, uint32_t fpu,
                         signal_set blocked)
{
    const uint32_t *registers = (const uint32_t *)user_frame();
    const struct task_signals *s = &current_task()->signals;
    uint32_t *words = (uint32_t *)context;
    __asm__ volatile("movl %%gs, %0" : "=r"(context->gs));
    for (uint32_t i = 0; i < sizeof(context_words); i++)
        if (context_words[i] != NOWHERE)
            words[i] = registers[context_words[i]];
    for (uint32_t i = 0; i < 4; i++)
        words[i] &= 0xffff; /* PUSH writes the lower half of a selector */
    context->trap = s->trap;
    context->error = s->error;
    context->esp_at_signal = context->esp;
    context->fpu = fpu;
    context->old_mask = (uint32_t)blocked;
    context->cr2 = s->address;
}

/* ESP below which a handler's frame begins; 0: its stack is used up. */
static uint32_t find_place(const struct abi_sigaction *action, uint32_t bytes,
                           uint32_t *fpu)
{
    const struct abi_stack *stack = &current_task()->signals.stack;
    uint32_t esp = user_frame()->esp;
    bool alternate = on_stack(stack, esp);
    if (action->flags & ABI_SA_ONSTACK && stack->size && !alternate) {
        esp = stack->start + stack->size;
        alternate = true;
    }
    *fpu = round_down(esp - sizeof(((struct fpu_image *)0)->fxsave), 64) -
           offsetof(struct fpu_image, fxsave);
    /* As after a call: the ABI wants ESP + 4 to be a multiple of 16. */
    esp = round_down(*fpu - bytes + 4, 16) - 4;
    return alternate && esp - stack->start - 1 >= stack->size ? 0 : esp;
}

int signal_enter_handler(const struct signal_info *info,
                         const struct abi_sigaction *action, signal_set blocked)
{
    struct abi_stack *stack = &current_task()->signals.stack;
    struct trap_frame *f = user_frame();
    bool rt = action->flags & ABI_SA_SIGINFO;
    uint32_t bytes = rt ? RT_BYTES : OLD_BYTES, fpu;
    uint32_t at = find_place(action, bytes, &fpu);
    struct fpu_image image;
    struct signal_frame frame;
    memset(&frame, 0, sizeof(frame));
    frame.number = (uint32_t)info->number;
    frame.return_to = action->flags & ABI_SA_RESTORER ? action->restorer
                      : rt                            ? RETURN_RT
                                                      : RETURN;
    if (rt) {
        frame.rt.info_at = at + offsetof(struct signal_frame, rt.info);
        frame.rt.context_at = at + offsetof(struct signal_frame, rt.flags);
        frame.rt.info = *info;
        frame.rt.stack = stack_now();
        frame.rt.mask = blocked;
    } else {
        frame.old.more_mask = (uint32_t)(blocked >> 32);
    }
    fill_context(rt ? &frame.rt.context : &frame.old.context, fpu, blocked);
    save_fpu(&image);
    if (!at || copy_to_user(user_ptr_at(at), &frame, bytes) ||
        copy_to_user(user_ptr_at(fpu), &image, sizeof(image)))
        return -EFAULT;
    reset_fpu();
    if (stack->flags & ABI_SS_AUTODISARM)
        *stack = (struct abi_stack){0, 0, 0};
    f->eax = frame.number;
    f->edx = rt ? frame.rt.info_at : 0;
    f->ecx = rt ? frame.rt.context_at : 0;
    f->eip = action->handler;
    f->esp = at;
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

/*
 * Whether programs can read through it. What cannot be loaded becomes null on
 * the way out; but emulators read through null, so such a frame is refused.
 */
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
    uint32_t *registers = (uint32_t *)f;
    uint32_t kept = f->eflags & ~EFLAGS_FREE;
    struct fpu_image image;
    if (!is_readable(c->ds) || !is_readable(c->es) ||
        (c->fpu && copy_from_user(&image, user_ptr_at(c->fpu), sizeof(image))))
        return -EFAULT;
    if (c->fpu)
        restore_fpu(&image);
    else
        reset_fpu();
    for (uint32_t i = 0; i < sizeof(context_words); i++)
        if (context_words[i] != NOWHERE)
            registers[context_words[i]] = ((const uint32_t *)c)[i];
    f->eflags = kept | (c->eflags & EFLAGS_FREE);
    f->ds = user_selector(c->ds);
    f->es = user_selector(c->es);
    f->fs = user_selector(c->fs);
    f->cs = user_selector(c->cs);
    f->ss = user_selector(c->ss);
    f->vector = 0; /* no call that could be made again */
    load_gs(user_selector(c->gs));
    return 0;
}

/* 0, or why this cannot be the alternate stack. */
static int set_stack(struct abi_stack new)
{
    struct abi_stack *stack = &current_task()->signals.stack;
    uint32_t mode = new.flags & ~ABI_SS_AUTODISARM;
    if (on_stack(stack, user_frame()->esp))
        return -EPERM;
    if (mode != ABI_SS_DISABLE && mode != ABI_SS_ONSTACK && mode)
        return -EINVAL;
    if (mode != ABI_SS_DISABLE && new.size < ABI_MINSIGSTKSZ)
        return -ENOMEM;
    new.flags &= ABI_SS_AUTODISARM;
    *stack = mode == ABI_SS_DISABLE ? (struct abi_stack){0, new.flags, 0} : new;
    return 0;
}

/*
 * `above` bytes of the frame have been taken off the stack. The result is what
 * entry.asm stores where it is already.
 */
static int32_t leave_handler(uint32_t above, bool rt)
{
    struct signal_frame frame;
    uint32_t at = user_frame()->esp - above;
    struct context *context = rt ? &frame.rt.context : &frame.old.context;
    if (copy_from_user(&frame, user_ptr_at(at), rt ? RT_BYTES : OLD_BYTES) ||
        take_context(context)) {
        signal_force_segv("bad signal frame", true);
    } else if (rt) {
        (void)set_stack(frame.rt.stack);
        signal_set_blocked(frame.rt.mask);
    } else {
        signal_set_blocked((signal_set)frame.old.more_mask << 32 |
                           context->old_mask);
    }
    return (int32_t)user_frame()->eax;
}

/* The handler's return took return_to off the stack, the code the number. */
int32_t sys_sigreturn(const uint32_t *arg)
{
    (void)arg;
    return leave_handler(offsetof(struct signal_frame, old), false);
}

int32_t sys_rt_sigreturn(const uint32_t *arg)
{
    (void)arg;
    return leave_handler(offsetof(struct signal_frame, number), true);
}

bool signal_return_fault(uint32_t eip)
{
    if (eip != RETURN && eip != RETURN_RT)
        return false;
    (void)leave_handler(offsetof(struct signal_frame, number),
                        eip == RETURN_RT);
    return true;
}

/* new stack, old stack */
int32_t sys_sigaltstack(const uint32_t *arg)
{
    struct abi_stack new, old = stack_now();
    if (arg[0] && copy_from_user(&new, user_ptr_at(arg[0]), sizeof(new)))
        return -EFAULT;
    int error = arg[0] ? set_stack(new) : 0;
    if (error || !arg[1])
        return error;
    return copy_to_user(user_ptr_at(arg[1]), &old, sizeof(old));
}
