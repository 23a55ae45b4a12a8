/* SPDX-License-Identifier: MIT */
/* System calls about memory and the machine. */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/log.h"
#include "kernel/result.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/power.h"
#include "machine/uaccess.h"
#include "mm/fail.h"

int32_t sys_uname(const uint32_t *arg)
{
    static const struct abi_utsname name = {
        .system = "Quartet",
        .node = "quartet",
        /* The Linux whose calls we have: old C libraries insist on some. */
        .release = "6.1.0-quartet-" KERNEL_VERSION,
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
    result_other("powered-off");
    power_off(RESULT_OK);
}

int32_t sys_fail_alloc(const uint32_t *arg)
{
    return (int32_t)fail_set(arg[0]);
}
