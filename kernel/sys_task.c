/* SPDX-License-Identifier: MIT */
/* System calls about tasks: who am I, start, end, wait, where to run. */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/cpu.h"
#include "kernel/exec.h"
#include "kernel/handle.h"
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
    return (int32_t)task_parent_tid();
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

/* tid, status, options, usage: usage is filled with zeros. */
int32_t sys_wait4(const uint32_t *arg)
{
    struct wait_request request = {.tid = (int32_t)arg[0], .options = arg[2]};
    if (arg[2] & ~(ABI_WNOHANG | ABI_WUNTRACED | ABI_WCONTINUED |
                   ABI_WNOTHREAD | ABI_WALL | ABI_WCLONE))
        return -EINVAL;
    if (request.tid < -1)
        return -ECHILD; /* process groups come with the POSIX server */
    if (!request.tid)
        request.tid = -1;
    int number = task_wait(&request);
    if (number > 0 && arg[1] &&
        copy_to_user(user_ptr_at(arg[1]), &request.status, sizeof(uint32_t)))
        return -EFAULT;
    if (number > 0 && arg[3]) {
        static const char no_usage[72];
        if (copy_to_user(user_ptr_at(arg[3]), no_usage, sizeof(no_usage)))
            return -EFAULT;
    }
    return number;
}

/* What a thread shares with its maker: for now everything or nothing. */
#define THREAD_FLAGS                                                     \
    (ABI_CLONE_VM | ABI_CLONE_FS | ABI_CLONE_FILES | ABI_CLONE_SIGHAND | \
     ABI_CLONE_THREAD)
#define EXTRA_FLAGS                                                         \
    (ABI_CLONE_SYSVSEM | ABI_CLONE_PARENT_SETTID | ABI_CLONE_CHILD_SETTID | \
     ABI_CLONE_CHILD_CLEARTID)

/* flags, stack, parent's tid, TLS, child's tid. */
int32_t sys_clone(const uint32_t *arg)
{
    uint32_t flags = arg[0];
    struct task *self = current_task();
    if ((flags & THREAD_FLAGS) != THREAD_FLAGS ||
        (flags & ~(uint32_t)(THREAD_FLAGS | EXTRA_FLAGS)))
        return -EINVAL;
    struct task *task = task_create(self->mm, self->name);
    if (!task)
        return -ENOMEM;
    context_init_clone(task, arg[1]);
    int error = signal_clone(task, flags);
    if (!error)
        error = task_enrol(task, flags);
    if (error) {
        task_discard(task);
        return error;
    }
    mm_get(self->mm);
    task->handles = handles_get(self->handles);
    if (flags & ABI_CLONE_CHILD_CLEARTID)
        task->clear_tid = arg[4];
    int32_t number = (int32_t)task->tid;
    /* Before the child runs; Linux ignores a bad pointer here too. */
    if (flags & ABI_CLONE_PARENT_SETTID)
        (void)!copy_to_user(user_ptr_at(arg[2]), &number, sizeof(number));
    if (flags & ABI_CLONE_CHILD_SETTID)
        (void)!copy_to_user(user_ptr_at(arg[4]), &number, sizeof(number));
    sched_start(task);
    return number;
}

/* path, argv, envp */
int32_t sys_spawn(const uint32_t *arg)
{
    char path[EXEC_PATH];
    struct exec_strings strings;
    int length = copy_string_from_user(path, user_ptr_at(arg[0]), sizeof(path));
    if (length < 0)
        return length;
    int result = exec_strings_from_user(&strings, arg[1], arg[2]);
    return result ? result : exec_spawn(path, &strings);
}
