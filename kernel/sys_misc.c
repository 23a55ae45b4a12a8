/* SPDX-License-Identifier: MIT */
/* System calls about memory, the console and the machine. */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/console.h"
#include "kernel/log.h"
#include "kernel/result.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/power.h"
#include "machine/uaccess.h"
#include "mm/fail.h"
#include "mm/mm.h"

#define CONSOLE_CHUNK 128 /* bytes copied at once */

#define STANDARD_ERROR 2

int32_t sys_brk(const uint32_t *arg)
{
    return (int32_t)mm_set_break(current_task()->mm, arg[0]);
}

/* fd, buffer, bytes: until there are handles, 0 to 2 are the console. */
int32_t sys_write(const uint32_t *arg)
{
    char chunk[CONSOLE_CHUNK];
    uint32_t written = 0;
    if (arg[0] > STANDARD_ERROR)
        return -EBADF;
    while (written < arg[2] && written <= INT32_MAX - sizeof(chunk)) {
        uint32_t count = arg[2] - written;
        if (count > sizeof(chunk))
            count = sizeof(chunk);
        user_ptr from = user_ptr_plus(user_ptr_at(arg[1]), written);
        if (copy_from_user(chunk, from, count))
            return written ? (int32_t)written : -EFAULT;
        console_write(chunk, count);
        written += count;
        if (wait_interrupted())
            break;
    }
    return (int32_t)written;
}

int32_t sys_read(const uint32_t *arg)
{
    char chunk[CONSOLE_CHUNK];
    if (arg[0] > STANDARD_ERROR)
        return -EBADF;
    /* The buffer is checked before input is taken: nothing gets lost. */
    uint32_t bytes = arg[2] < sizeof(chunk) ? arg[2] : sizeof(chunk);
    struct mm *mm = current_task()->mm;
    if (bytes && (mm_fault(mm, arg[1], MAP_WRITE) ||
                  mm_fault(mm, arg[1] + bytes - 1, MAP_WRITE)))
        return -EFAULT;
    int count = console_read(chunk, bytes);
    if (count > 0 && copy_to_user(user_ptr_at(arg[1]), chunk, (uint32_t)count))
        return -EFAULT;
    return count;
}

int32_t sys_uname(const uint32_t *arg)
{
    static const struct abi_utsname name = {
        .system = "Quartet",
        .node = "quartet",
        .release = KERNEL_VERSION,
        .version = "#1 SMP PAE " KERNEL_BUILD,
        .machine = "i686",
        .domain = "(none)",
    };
    return copy_to_user(user_ptr_at(arg[0]), &name, sizeof(name));
}

/* magic, magic, what: only power off and restart. */
int32_t sys_reboot(const uint32_t *arg)
{
    if (arg[0] != ABI_REBOOT_MAGIC1 || arg[1] != ABI_REBOOT_MAGIC2)
        return -EINVAL;
    if (arg[2] == ABI_REBOOT_RESTART)
        power_restart();
    if (arg[2] != ABI_REBOOT_POWER_OFF)
        return -EINVAL;
    log_info("%s turns the machine off", current_task()->name);
    result_power_off();
    power_off(RESULT_OK);
}

int32_t sys_fail_alloc(const uint32_t *arg)
{
    return (int32_t)fail_set(arg[0]);
}
