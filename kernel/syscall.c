/* SPDX-License-Identifier: MIT */
/*
 * The table of system calls, made from the list in abi/syscalls.h: Linux's
 * numbers index it directly, Quartet's own from 0x1000 on have a second part.
 */
#include "kernel/syscall.h"

#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "kernel/log.h"
#include "kernel/options.h"
#include "kernel/strace.h"
#include "kernel/task.h"
#include "machine/cpu.h"

struct call_entry {
    int32_t (*handler)(const uint32_t *arg);
    const char *name, *letters;
};

#define OWN_FIRST 0x1000u

/* Both parts from the one list: each takes the lines that belong to it. */
#define INDEX(number) ((number) >= OWN_FIRST ? (number) - OWN_FIRST : (number))
#define SYSCALL(number, call, arguments)                                       \
    [INDEX(number) + ((number) >= OWN_FIRST ? LINUX_CALLS : 0)] = {            \
        sys_##call, #call, arguments},
#define LINUX_CALLS 450
#define OWN_CALLS   16

static const struct call_entry table[LINUX_CALLS + OWN_CALLS] = {
#include "kernel/abi/syscalls.h"
};
#undef SYSCALL

static const struct call_entry *find(uint32_t number)
{
    uint32_t index = number;
    if (number >= OWN_FIRST && number - OWN_FIRST < OWN_CALLS)
        index = number - OWN_FIRST + LINUX_CALLS;
    else if (number >= LINUX_CALLS)
        return NULL;
    return table[index].handler ? &table[index] : NULL;
}

static int32_t traced(const struct call_entry *entry, const uint32_t *arg)
{
    strace_enter(entry->name, entry->letters, arg);
    int32_t result = entry->handler(arg);
    strace_leave(entry->name, result);
    return result;
}

int32_t syscall_dispatch(uint32_t number, const uint32_t *arg)
{
    const struct call_entry *entry = find(number);
    counter_add(COUNTER_syscalls, 1);
    if (!entry) {
        counter_add(COUNTER_syscalls_unknown, 1);
        if (options.trace_calls)
            log_info("[%u] call %u = -ENOSYS", current_task()->tid, number);
        return -ENOSYS;
    }
    return options.trace_calls ? traced(entry, arg) : entry->handler(arg);
}
