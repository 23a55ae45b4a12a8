/* SPDX-License-Identifier: MIT */
/*
 * readv and writev: several buffers in order, empty ones, a bad one after
 * good ones, counts and lengths that are refused.
 */
#include "oracle.h"
#include <sys/uio.h>

static int file;

static long read_at_0(const struct iovec *vector, long count)
{
    call(__NR_lseek, file, 0, SEEK_SET);
    return call(__NR_readv, file, vector, count);
}

static void reading(void)
{
    char one[1], three[4] = "";
    struct iovec vector[] = {{one, 1}, {BAD, 0}, {three, 3}};
    struct iovec second_bad[] = {{three, 3}, {BAD, 10}};
    struct iovec first_bad[] = {{BAD, 10}, {three, 3}};

    expect("readv of 1, 0 and 3", read_at_0(vector, 3), 4);
    check("  in order", one[0] == 0x7f && memcmp(three, "ELF", 3) == 0);
    expect("  offset", call(__NR_lseek, file, 0, SEEK_CUR), 4);
    expect("second bad", read_at_0(second_bad, 2), 3);
    expect("  offset", call(__NR_lseek, file, 0, SEEK_CUR), 3);
    expect("first bad", read_at_0(first_bad, 2), -EFAULT);
    expect("no buffers", read_at_0(vector, 0), 0);
    expect("no buffers, bad vector", read_at_0(BAD, 0), 0);
    expect("at the end",
           (call(__NR_lseek, file, 0, SEEK_END),
            call(__NR_readv, file, vector, 3)),
           0);
}

static void errors(void)
{
    static struct iovec many[1025];
    char byte[8];
    struct iovec negative[] = {{byte, 1}, {byte, 0x80000000u}};
    struct iovec empty[] = {{byte, 0}, {byte, 0}};

    expect("vector bad", read_at_0(BAD, 2), -EFAULT);
    expect("count -1", read_at_0(empty, -1), -EINVAL);
    expect("count 1025", read_at_0(many, 1025), -EINVAL);
    expect("count 1024, all empty", read_at_0(many, 1024), 0);
    expect("a negative length", read_at_0(negative, 2), -EINVAL);
    expect("handle 77", call(__NR_readv, 77, empty, 1), -EBADF);
    expect("writev to what is read-only", call(__NR_writev, file, empty, 2),
           -EBADF);
    expect("writev 77", call(__NR_writev, 77, empty, 2), -EBADF);
    expect("writev, count 1025", call(__NR_writev, 1, many, 1025), -EINVAL);
    expect("writev, vector bad", call(__NR_writev, 1, BAD, 1), -EFAULT);
    expect("writev, all empty", call(__NR_writev, 1, empty, 2), 0);
    expect("writev, a negative length", call(__NR_writev, 1, negative, 2),
           -EINVAL);
}

int main(void)
{
    struct iovec words[] = {
        {"writ", 4}, {"", 0}, {"ten in ", 7}, {"parts\n", 6}};

    file = (int)call(__NR_open, "/proc/self/exe", O_RDONLY);
    expect("writev", call(__NR_writev, 1, words, 4), 17);
    reading();
    errors();
    return 0;
}
