/* SPDX-License-Identifier: MIT */
/*
 * Error numbers, those of Linux on i386: one line each with what it means. The
 * kernel returns them negated.
 */
#pragma once

/* clang-format off */
#define ERROR_LIST(ERROR)                                                      \
    ERROR(EPERM, 1, "not permitted")                                           \
    ERROR(ENOENT, 2, "no such file")                                           \
    ERROR(ESRCH, 3, "no such task")                                            \
    ERROR(EINTR, 4, "interrupted")                                             \
    ERROR(EIO, 5, "input or output error")                                     \
    ERROR(ENXIO, 6, "no such page")                                            \
    ERROR(E2BIG, 7, "argument list too long")                                  \
    ERROR(ENOEXEC, 8, "not a program this kernel can run")                     \
    ERROR(EBADF, 9, "bad file number")                                         \
    ERROR(ECHILD, 10, "no such child")                                         \
    ERROR(EAGAIN, 11, "try again")                                             \
    ERROR(ENOMEM, 12, "out of memory")                                         \
    ERROR(EACCES, 13, "permission denied")                                     \
    ERROR(EFAULT, 14, "bad address")                                           \
    ERROR(EEXIST, 17, "exists already")                                        \
    ERROR(ENODEV, 19, "no such device")                                        \
    ERROR(ENOTDIR, 20, "not a directory")                                      \
    ERROR(EISDIR, 21, "a directory")                                           \
    ERROR(EINVAL, 22, "invalid argument")                                      \
    ERROR(EMFILE, 24, "too many open files")                                   \
    ERROR(ENOTTY, 25, "not a terminal")                                        \
    ERROR(EFBIG, 27, "file too large")                                         \
    ERROR(ESPIPE, 29, "no position to move")                                   \
    ERROR(EROFS, 30, "files are read-only")                                    \
    ERROR(ERANGE, 34, "result too large")                                      \
    ERROR(ENAMETOOLONG, 36, "name too long")                                   \
    ERROR(ENOSYS, 38, "no such system call")                                   \
    ERROR(ELOOP, 40, "too many symbolic links")                                \
    ERROR(EOVERFLOW, 75, "value too large for its type")                       \
    ERROR(EOPNOTSUPP, 95, "not supported")                                     \
    ERROR(ETIMEDOUT, 110, "timed out")
/* clang-format on */

#define ERROR_NUMBER(name, number, meaning) name = number,
enum { ERROR_LIST(ERROR_NUMBER) };
#undef ERROR_NUMBER

/* Whether a result that may be an address is an error instead. */
#define IS_ERROR(result) ((uint32_t)(result) > (uint32_t)-4096)

/*
 * Inside the kernel only: a signal interrupted the call, which can be made
 * again as it was. The program sees that happen, or -EINTR: ERESTART if the
 * handler lacks SA_RESTART, ERESTART_NO_HANDLER after any handler.
 */
#define ERESTART            512
#define ERESTART_NO_HANDLER 514
