/* SPDX-License-Identifier: MIT */
/*
 * dup, dup2, dup3 and fcntl: the numbers they give, one offset for all copies
 * of a handle, FD_CLOEXEC for each copy, and their errors.
 */
#include "oracle.h"

static int file;

static long offset(int handle)
{
    return call(__NR_lseek, handle, 0, SEEK_CUR);
}

static void numbers(void)
{
    expect("dup", call(__NR_dup, file) - file, 1);
    expect("dup again", call(__NR_dup, file) - file, 2);
    expect("dup2 to 50", call(__NR_dup2, file, 50), 50);
    expect("dup2 to itself", call(__NR_dup2, file, file) - file, 0);
    expect("dup2 over an open one", call(__NR_dup2, file, 50), 50);
    expect("dup3 to 51", call(__NR_dup3, file, 51, O_CLOEXEC), 51);
    expect("F_DUPFD from 50", call(__NR_fcntl64, file, F_DUPFD, 50), 52);
    expect("F_DUPFD_CLOEXEC from 40",
           call(__NR_fcntl64, file, F_DUPFD_CLOEXEC, 40), 40);
    call(__NR_close, 51);
    expect("F_DUPFD takes the gap", call(__NR_fcntl64, file, F_DUPFD, 50), 51);
}

static void offsets(void)
{
    int other = (int)call(__NR_open, "/proc/self/exe", O_RDONLY);

    call(__NR_lseek, 50, 123, SEEK_SET);
    expect("offset moved through a copy", offset(file), 123);
    expect("and seen by another", offset(40), 123);
    expect("not by a second open", offset(other), 0);
    call(__NR_close, other);
}

static void flags(void)
{
    call(__NR_dup3, file, 60, O_CLOEXEC);
    expect("FD_CLOEXEC of dup3", call(__NR_fcntl64, 60, F_GETFD), 1);
    expect("of F_DUPFD_CLOEXEC", call(__NR_fcntl64, 40, F_GETFD), 1);
    expect("of dup2", call(__NR_fcntl64, 50, F_GETFD), 0);
    expect("dup of it has none",
           call(__NR_fcntl64, call(__NR_dup, 60), F_GETFD), 0);
    expect("F_SETFD 1", call(__NR_fcntl64, 50, F_SETFD, 1), 0);
    expect("  got", call(__NR_fcntl64, 50, F_GETFD), 1);
    expect("  not the others", call(__NR_fcntl64, file, F_GETFD), 0);
    expect("F_SETFD 0", call(__NR_fcntl64, 50, F_SETFD, 0), 0);
    expect("dup2 to itself keeps it", call(__NR_dup2, 60, 60), 60);
    expect("  still", call(__NR_fcntl64, 60, F_GETFD), 1);
    expect("old fcntl (number 55)", call(__NR_fcntl, 60, F_GETFD), 1);
}

static void errors(void)
{
    expect("dup 77", call(__NR_dup, 77), -EBADF);
    expect("dup -1", call(__NR_dup, -1), -EBADF);
    expect("dup2 77", call(__NR_dup2, 77, 5), -EBADF);
    expect("dup2 77 to itself", call(__NR_dup2, 77, 77), -EBADF);
    expect("dup2 to -1", call(__NR_dup2, file, -1), -EBADF);
    expect("dup2 to INT_MAX", call(__NR_dup2, file, 0x7fffffff), -EBADF);
    expect("dup3 to itself", call(__NR_dup3, file, file, 0), -EINVAL);
    expect("dup3, unknown flag", call(__NR_dup3, file, 50, 1), -EINVAL);
    expect("dup3 77", call(__NR_dup3, 77, 50, 0), -EBADF);
    expect("F_DUPFD 77", call(__NR_fcntl64, 77, F_DUPFD, 0), -EBADF);
    expect("F_DUPFD from -1", call(__NR_fcntl64, file, F_DUPFD, -1), -EINVAL);
    expect("F_DUPFD from INT_MAX",
           call(__NR_fcntl64, file, F_DUPFD, 0x7fffffff), -EINVAL);
    expect("unknown command", call(__NR_fcntl64, file, 7777, 0), -EINVAL);
    expect("F_GETFD 77", call(__NR_fcntl64, 77, F_GETFD), -EBADF);
}

/* The last copy that is closed closes the file; none before. */
static void closing(void)
{
    char byte;

    call(__NR_close, file);
    expect("one closed, its copy reads", call(__NR_read, 50, &byte, 1), 1);
    expect("the closed one", call(__NR_read, file, &byte, 1), -EBADF);
}

int main(void)
{
    file = (int)call(__NR_open, "/proc/self/exe", O_RDONLY);
    numbers();
    offsets();
    flags();
    errors();
    closing();
    return 0;
}
