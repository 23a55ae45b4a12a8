/* SPDX-License-Identifier: MIT */
/* Names for the error numbers of kernel/abi/errno.h, one line each. */
#include "user/lib/error.h"

#include <stddef.h>

#include "kernel/abi/errno.h"

struct error_row {
    int number;
    const char *name, *text;
};

static const struct error_row errors[] = {
    {EPERM, "EPERM", "not permitted"},
    {ENOENT, "ENOENT", "no such file"},
    {ESRCH, "ESRCH", "no such task"},
    {EINTR, "EINTR", "interrupted"},
    {EIO, "EIO", "input or output error"},
    {E2BIG, "E2BIG", "argument list too long"},
    {ENOEXEC, "ENOEXEC", "not a program this kernel can run"},
    {EBADF, "EBADF", "bad file number"},
    {ECHILD, "ECHILD", "no such child"},
    {EAGAIN, "EAGAIN", "try again"},
    {ENOMEM, "ENOMEM", "out of memory"},
    {EACCES, "EACCES", "permission denied"},
    {EFAULT, "EFAULT", "bad address"},
    {EBUSY, "EBUSY", "busy"},
    {EEXIST, "EEXIST", "exists already"},
    {ENODEV, "ENODEV", "no such device"},
    {EINVAL, "EINVAL", "invalid argument"},
    {ENOTTY, "ENOTTY", "not a terminal"},
    {ENAMETOOLONG, "ENAMETOOLONG", "name too long"},
    {ENOSYS, "ENOSYS", "no such system call"},
    {EOVERFLOW, "EOVERFLOW", "value too large"},
    {ENOTSUP, "ENOTSUP", "not supported"},
    {ETIMEDOUT, "ETIMEDOUT", "timed out"},
};

static const struct error_row *find(int error)
{
    static const struct error_row unknown = {0, "?", "unknown error"};

    if (error < 0)
        error = -error;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].number == error)
            return &errors[i];
    return &unknown;
}

const char *error_name(int error)
{
    return find(error)->name;
}

const char *error_text(int error)
{
    return find(error)->text;
}
