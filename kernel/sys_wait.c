/* SPDX-License-Identifier: MIT */
/* The system calls that wait for children. */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/signal.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "kernel/usage.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "machine/uaccess.h"

/* Whom wait4 means by a number: a child, any (-1), our group (0), another's. */
static int choose(struct wait_request *request, int32_t number)
{
    if (number == INT32_MIN)
        return -ESRCH;
    request->tid = number > 0 ? number : -1;
    request->group = number == 0   ? current_task()->leader->process_group
                     : number < -1 ? 0 - (uint32_t)number
                                   : 0;
    return 0;
}

/* number, status, options, usage */
int32_t sys_wait4(const uint32_t *arg)
{
    struct wait_request request = {.options = arg[2] | ABI_WEXITED};
    if (arg[2] & ~(ABI_WNOHANG | ABI_WUNTRACED | ABI_WCONTINUED |
                   ABI_WNOTHREAD | ABI_WALL | ABI_WCLONE))
        return -EINVAL;
    int error = choose(&request, (int32_t)arg[0]);
    if (error)
        return error;
    int number = task_wait(&request);
    if (number <= 0)
        return number;
    if (arg[1] &&
        copy_to_user(user_ptr_at(arg[1]), &request.status, sizeof(uint32_t)))
        return -EFAULT;
    if (arg[3] && usage_to_user(arg[3], clock_cycles_to_ns(request.cycles)))
        return -EFAULT;
    return number;
}

int32_t sys_waitpid(const uint32_t *arg)
{
    const uint32_t four[] = {arg[0], arg[1], arg[2], 0};
    return sys_wait4(four);
}

/* kind of number, number, siginfo, options, usage */
int32_t sys_waitid(const uint32_t *arg)
{
    const uint32_t kinds = ABI_WEXITED | ABI_WUNTRACED | ABI_WCONTINUED;
    struct wait_request request = {.options = arg[3]};
    int32_t number = (int32_t)arg[1];
    if (arg[3] & ~(kinds | ABI_WNOHANG | ABI_WNOWAIT | ABI_WNOTHREAD |
                   ABI_WALL | ABI_WCLONE) ||
        !(arg[3] & kinds) || arg[0] > ABI_P_PGID ||
        (arg[0] == ABI_P_PID && number <= 0) ||
        (arg[0] == ABI_P_PGID && number < 0))
        return -EINVAL;
    int error = choose(&request, arg[0] == ABI_P_PID    ? number
                                 : arg[0] == ABI_P_PGID ? -number
                                                        : -1);
    if (error)
        return error;
    number = task_wait(&request);
    if (number < 0)
        return number;
    struct abi_siginfo info = {.number = 0};
    if (number)
        info = signal_of_end((uint32_t)number, request.status);
    if (number && arg[4] &&
        usage_to_user(arg[4], clock_cycles_to_ns(request.cycles)))
        return -EFAULT;
    if (arg[2] && copy_to_user(user_ptr_at(arg[2]), &info, sizeof(info)))
        return -EFAULT;
    return 0;
}
