/* SPDX-License-Identifier: MIT */
/*
 * Starting programs. A program finds its own path in the auxiliary vector, so
 * tests can start themselves wherever they lie.
 */
#include "user/lib/program.h"

#include <stdarg.h>

#include "user/lib/print.h"
#include "user/lib/start.h"
#include "user/lib/syscall.h"

#define SELF_ARGUMENTS 8

const char *program_self(void)
{
    return (const char *)auxiliary_value(ABI_AT_EXECFN, 0);
}

static int wait_for(int pid)
{
    int status = 0;

    if (pid < 0)
        return pid;
    int result = sys_wait4(pid, &status, 0, NULL);
    return result < 0 ? result : status;
}

int program_run(const char *path, char *const argv[])
{
    return wait_for(sys_spawn(path, argv, environment));
}

static int start_self(const char *first, va_list list)
{
    const char *path = program_self();
    char *argv[SELF_ARGUMENTS + 2];
    int argc = 0;

    if (!path)
        return -ENOENT;
    argv[argc++] = (char *)(uintptr_t)path;
    for (const char *a = first; a && argc <= SELF_ARGUMENTS;
         a = va_arg(list, const char *))
        argv[argc++] = (char *)(uintptr_t)a;
    argv[argc] = NULL;
    return sys_spawn(path, argv, environment);
}

int program_start_self(const char *first, ...)
{
    va_list list;

    va_start(list, first);
    int pid = start_self(first, list);
    va_end(list);
    return pid;
}

int program_run_self(const char *first, ...)
{
    va_list list;

    va_start(list, first);
    int pid = start_self(first, list);
    va_end(list);
    return wait_for(pid);
}

struct status_text status_text(int status)
{
    struct status_text t = {""};

    if (status < 0)
        format_to(t.text, sizeof(t.text), "error %d", -status);
    else if (status_exited(status))
        format_to(t.text, sizeof(t.text), "exit %d", status_code(status));
    else
        format_to(t.text, sizeof(t.text), "killed by signal %d",
                  status_signal(status));
    return t;
}
