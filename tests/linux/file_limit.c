/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NOFILE: one more handle than allowed gives EMFILE from open and dup,
 * EBADF from dup2 and EINVAL from F_DUPFD; what is open beyond a lowered limit
 * stays open. Then as many handles as 1,000.
 */
#include "oracle.h"

static void limit_to(rlim_t count)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = count;
    expect("limit set", setrlimit(RLIMIT_NOFILE, &limit), 0);
}

int main(void)
{
    int file = (int)call(__NR_open, "/proc/self/exe", O_RDONLY), opened = 0;
    char byte;
    long last;

    /* Whatever the runner left open is not ours. */
    for (int i = 3; i < 1024; i++)
        if (i != file)
            call(__NR_close, i);
    limit_to(64);
    call(__NR_dup2, file, 40);
    while ((last = call(__NR_dup, file)) >= 0)
        opened++;
    expect("dup beyond 64", last, -EMFILE);
    expect("  opened", opened, 64 - 3 - 2);
    expect("open", call(__NR_open, "/proc/self/exe", O_RDONLY), -EMFILE);
    expect("openat", call(__NR_openat, AT_FDCWD, "/proc/self/exe", O_RDONLY),
           -EMFILE);
    expect("dup2 to 64", call(__NR_dup2, file, 64), -EBADF);
    expect("dup2 to 63", call(__NR_dup2, file, 63), 63);
    expect("dup3 to 64", call(__NR_dup3, file, 64, 0), -EBADF);
    expect("F_DUPFD from 0", call(__NR_fcntl64, file, F_DUPFD, 0), -EMFILE);
    expect("F_DUPFD from 64", call(__NR_fcntl64, file, F_DUPFD, 64), -EINVAL);
    limit_to(10);
    expect("63 still reads", call(__NR_read, 63, &byte, 1), 1);
    expect("dup", call(__NR_dup, file), -EMFILE);
    expect("close 5", call(__NR_close, 5), 0);
    expect("dup takes it", call(__NR_dup, file), 5);
    limit_to(1000);
    while ((last = call(__NR_dup, file)) >= 0)
        opened++;
    expect("dup beyond 1,000", last, -EMFILE);
    expect("  opened", opened, 1000 - 3 - 2);
    expect("999 reads", call(__NR_read, 999, &byte, 1), 1);
    return 0;
}
