/* SPDX-License-Identifier: MIT */
/*
 * fstat64, stat64, fstatat64 and statx of the program's own file: a regular
 * file with a size, the same in all of them; what fstat says about handles
 * that are not open; errors.
 */
#include "oracle.h"
#include <sys/stat.h>

static const char *self = "/proc/self/exe";

/* The kernel's stat64: the size lies at byte 44, the mode at 16. */
static char raw[96] __attribute__((aligned(8)));

static uint32_t raw_mode(void)
{
    uint32_t mode;

    memcpy(&mode, raw + 16, 4);
    return mode;
}

static int64_t raw_size(void)
{
    int64_t size;

    memcpy(&size, raw + 44, 8);
    return size;
}

static void calls_agree(int file)
{
    int64_t size = call(__NR_lseek, file, 0, SEEK_END);
    struct statx x;

    check("the size is not small", size > 10000);
    expect("fstat64", call(__NR_fstat64, file, raw), 0);
    check("  a regular file", S_ISREG(raw_mode()));
    check("  executable", raw_mode() & 0100);
    check("  size", raw_size() == size);
    memset(raw, 0xff, sizeof(raw));
    expect("stat64", call(__NR_stat64, self, raw), 0);
    check("  a regular file of that size",
          S_ISREG(raw_mode()) && raw_size() == size);
    memset(raw, 0xff, sizeof(raw));
    expect("fstatat64", call(__NR_fstatat64, AT_FDCWD, self, raw, 0), 0);
    check("  a regular file of that size",
          S_ISREG(raw_mode()) && raw_size() == size);
    expect("fstatat64 AT_EMPTY_PATH",
           call(__NR_fstatat64, file, "", raw, AT_EMPTY_PATH), 0);
    check("  that size", raw_size() == size);
    memset(&x, 0xff, sizeof(x));
    expect("statx", call(__NR_statx, AT_FDCWD, self, 0, STATX_BASIC_STATS, &x),
           0);
    check("  mask", (x.stx_mask & (STATX_TYPE | STATX_SIZE)) ==
                        (STATX_TYPE | STATX_SIZE));
    check("  a regular file of that size",
          S_ISREG(x.stx_mode) && x.stx_size == (uint64_t)size);
    expect("statx AT_EMPTY_PATH",
           call(__NR_statx, file, "", AT_EMPTY_PATH, STATX_SIZE, &x), 0);
    check("  that size", x.stx_size == (uint64_t)size);
}

static void errors(int file)
{
    struct statx x;

    expect("fstat64 77", call(__NR_fstat64, 77, raw), -EBADF);
    expect("fstat64 -1", call(__NR_fstat64, -1, raw), -EBADF);
    expect("fstat64 to a bad address", call(__NR_fstat64, file, BAD), -EFAULT);
    expect("stat64 of nothing", call(__NR_stat64, "/no/such", raw), -ENOENT);
    expect("stat64 of a bad address", call(__NR_stat64, BAD, raw), -EFAULT);
    expect("fstatat64, empty path", call(__NR_fstatat64, file, "", raw, 0),
           -ENOENT);
    expect("fstatat64, unknown flag",
           call(__NR_fstatat64, file, "", raw, 0x40000000), -EINVAL);
    expect("statx 77", call(__NR_statx, 77, "", AT_EMPTY_PATH, STATX_SIZE, &x),
           -EBADF);
    expect("statx of nothing",
           call(__NR_statx, AT_FDCWD, "/no/such", 0, STATX_SIZE, &x), -ENOENT);
    expect("statx, empty path",
           call(__NR_statx, AT_FDCWD, "", 0, STATX_SIZE, &x), -ENOENT);
    expect("statx to a bad address",
           call(__NR_statx, file, "", AT_EMPTY_PATH, STATX_SIZE, BAD), -EFAULT);
    expect("statx, unknown flag",
           call(__NR_statx, file, "", 0x40000000, STATX_SIZE, &x), -EINVAL);
    expect("statx, reserved mask",
           call(__NR_statx, file, "", AT_EMPTY_PATH, 0x80000000u, &x), -EINVAL);
}

int main(void)
{
    int file = (int)call(__NR_open, self, O_RDONLY);

    calls_agree(file);
    errors(file);
    expect("fstat64 of the output", call(__NR_fstat64, 1, raw), 0);
    return 0;
}
