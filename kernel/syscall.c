/* SPDX-License-Identifier: MIT */
/*
 * The table of system calls, made from the list in abi/syscalls.h: Linux's
 * numbers index it directly, Quartet's own from 0x1000 on have a second part.
 */
#include "kernel/syscall.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/query.h"
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
#define INDEX(number) ((number) >= OWN_FIRST ? (number)-OWN_FIRST : (number))
#define SYSCALL(number, call, arguments)                            \
    [INDEX(number) + ((number) >= OWN_FIRST ? LINUX_CALLS : 0)] = { \
        sys_##call, #call, arguments},
#define LINUX_CALLS 450
#define OWN_CALLS   16

static const struct call_entry table[LINUX_CALLS + OWN_CALLS] = {
#include "kernel/abi/syscalls.h"
};
#undef SYSCALL

static const struct call_entry *find(uint32_t number)
{
    const struct call_entry *entry = NULL;
    if (number < LINUX_CALLS)
        entry = &table[number];
    else if (number - OWN_FIRST < OWN_CALLS)
        entry = &table[number - OWN_FIRST + LINUX_CALLS];
    return entry && entry->handler ? entry : NULL;
}

/* How often each number without a handler was asked for; last: all above. */
static uint32_t unknown[LINUX_CALLS + 1];

bool unknown_call_row(uint32_t index, struct abi_unknown_call *row)
{
    for (uint32_t n = 0; n <= LINUX_CALLS; n++) {
        uint32_t count = __atomic_load_n(&unknown[n], __ATOMIC_RELAXED);
        if (!count || index--)
            continue;
        *row = (struct abi_unknown_call){n, count};
        return true;
    }
    return false;
}

/* The ways that need not be short: tracing, and numbers without a handler. */
static __attribute__((noinline)) int32_t dispatch_slowly(uint32_t number,
                                                         const uint32_t *arg)
{
    const struct call_entry *entry = find(number);
    if (!entry) {
        counter_add(COUNTER_syscalls_unknown, 1);
        __atomic_fetch_add(
            &unknown[number < LINUX_CALLS ? number : LINUX_CALLS], 1,
            __ATOMIC_RELAXED);
        if (options.trace_calls)
            log_info("[%u] call %u = -ENOSYS", current_task()->tid, number);
        return -ENOSYS;
    }
    if (!options.trace_calls)
        return entry->handler(arg);
    strace_enter(entry->name, entry->letters, arg);
    int32_t result = entry->handler(arg);
    strace_leave(entry->name, result);
    return result;
}

int32_t syscall_dispatch(uint32_t number, const uint32_t *arg)
{
    counter_add(COUNTER_syscalls, 1);
    if (number < LINUX_CALLS && table[number].handler && !options.trace_calls)
        return table[number].handler(arg);
    return dispatch_slowly(number, arg);
}
