/* SPDX-License-Identifier: MIT */
/* System calls about tasks: who am I, start, end, wait, where to run. */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/clone.h"
#include "kernel/cpu.h"
#include "kernel/exec.h"
#include "kernel/sched.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/context.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/mm.h"

int32_t sys_exit(const uint32_t *arg)
{
    task_exit(STATUS_EXIT(arg[0]));
}

int32_t sys_exit_group(const uint32_t *arg)
{
    task_exit_group(STATUS_EXIT(arg[0]));
}

int32_t sys_getpid(const uint32_t *arg)
{
    (void)arg;
    return (int32_t)current_task()->tgid;
}

int32_t sys_gettid(const uint32_t *arg)
{
    (void)arg;
    return (int32_t)current_task()->tid;
}

int32_t sys_getppid(const uint32_t *arg)
{
    (void)arg;
    return (int32_t)current_task()->leader->parent_tid;
}

int32_t sys_sched_yield(const uint32_t *arg)
{
    (void)arg;
    sched_yield_cpu();
    return 0;
}

/* tid, bytes, mask. Bits beyond our CPUs are ignored, missing ones are zero. */
int32_t sys_sched_setaffinity(const uint32_t *arg)
{
    cpu_mask allowed = 0;
    uint32_t bytes = arg[1] < sizeof(allowed) ? arg[1] : sizeof(allowed);
    if (copy_from_user(&allowed, user_ptr_at(arg[2]), bytes))
        return -EFAULT;
    int error = task_set_affinity(arg[0], allowed);
    /* If it was about us, we go on on an allowed CPU. */
    if (!error)
        sched_yield_cpu();
    return error;
}

/* Returns how many bytes the kernel's mask has, as Linux's call does. */
int32_t sys_sched_getaffinity(const uint32_t *arg)
{
    cpu_mask allowed;
    if (arg[1] < sizeof(allowed) || arg[1] % sizeof(allowed))
        return -EINVAL;
    int error = task_affinity(arg[0], &allowed);
    if (error)
        return error;
    if (copy_to_user(user_ptr_at(arg[2]), &allowed, sizeof(allowed)))
        return -EFAULT;
    return sizeof(allowed);
}

/* flags, stack, parent's tid, TLS, child's tid. */
int32_t sys_clone(const uint32_t *arg)
{
    const struct clone_request request = {
        .flags = arg[0] & ~ABI_CLONE_SIGNAL,
        .exit_signal =
            arg[0] & ABI_CLONE_THREAD ? 0 : arg[0] & ABI_CLONE_SIGNAL,
        .stack = arg[1],
        .parent_tid = arg[2],
        .tls = arg[3],
        .child_tid = arg[4]};
    return clone_task(&request);
}

int32_t sys_fork(const uint32_t *arg)
{
    (void)arg;
    const struct clone_request request = {.exit_signal = ABI_SIGCHLD};
    return clone_task(&request);
}

int32_t sys_vfork(const uint32_t *arg)
{
    (void)arg;
    const struct clone_request request = {
        .flags = ABI_CLONE_VFORK | ABI_CLONE_VM, .exit_signal = ABI_SIGCHLD};
    return clone_task(&request);
}

/* What Linux checks of clone3's structure, beside what clone checks. */
static bool clone3_is_possible(const struct abi_clone_args *a)
{
    uint64_t addresses = a->stack | a->stack_size | a->tls | a->child_tid |
                         a->parent_tid | a->flags;
    if (addresses >> 32 || a->flags & (ABI_CLONE_SIGNAL | ABI_CLONE_DETACHED) ||
        a->exit_signal > ABI_SIGNALS)
        return false;
    if (a->flags & (ABI_CLONE_THREAD | ABI_CLONE_PARENT) && a->exit_signal)
        return false;
    if (!a->stack != !a->stack_size || a->stack + a->stack_size > USER_END)
        return false;
    return !a->set_tid && !a->set_tid_size; /* numbers are ours to give */
}

/* structure, its size: a newer program's must have nothing in what is new. */
int32_t sys_clone3(const uint32_t *arg)
{
    struct abi_clone_args a = {.flags = 0};
    if (arg[1] > PAGE_SIZE)
        return -E2BIG;
    if (arg[1] < ABI_CLONE_ARGS_MIN)
        return -EINVAL;
    uint32_t known = arg[1] < sizeof(a) ? arg[1] : sizeof(a);
    if (copy_from_user(&a, user_ptr_at(arg[0]), known))
        return -EFAULT;
    for (uint32_t i = known; i < arg[1]; i++) {
        uint8_t byte;
        if (copy_from_user(&byte, user_ptr_at(arg[0] + i), 1))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    if (!clone3_is_possible(&a))
        return -EINVAL;
    const struct clone_request request = {
        .flags = (uint32_t)a.flags,
        .exit_signal = (uint32_t)a.exit_signal,
        .stack = (uint32_t)(a.stack + a.stack_size),
        .parent_tid = (uint32_t)a.parent_tid,
        .tls = (uint32_t)a.tls,
        .child_tid = (uint32_t)a.child_tid};
    return clone_task(&request);
}

/* path, argv, envp: run it one way or the other. */
static int32_t with_strings(const uint32_t *arg,
                            int (*run)(const char *path,
                                       struct exec_strings *strings))
{
    char path[EXEC_PATH];
    struct exec_strings strings;
    int length = copy_string_from_user(path, user_ptr_at(arg[0]), sizeof(path));
    if (length < 0)
        return length;
    int error = exec_strings_from_user(&strings, arg[1], arg[2]);
    return error ? error : run(path, &strings);
}

int32_t sys_execve(const uint32_t *arg)
{
    return with_strings(arg, exec_replace);
}

int32_t sys_spawn(const uint32_t *arg)
{
    return with_strings(arg, exec_spawn);
}
