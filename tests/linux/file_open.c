/* SPDX-License-Identifier: MIT */
/*
 * open and openat of the program's own file: which numbers they give, flags,
 * errors; readlink of /proc/self/exe; close.
 */
#include "oracle.h"
#include <sys/auxv.h>

static const char *self = "/proc/self/exe";

static void numbers(void)
{
    int first = (int)call(__NR_open, self, O_RDONLY);
    int second = (int)call(__NR_openat, AT_FDCWD, self, O_RDONLY | O_CLOEXEC);
    int third = (int)call(__NR_openat, 77, self, O_RDONLY);

    check("open", first >= 3);
    expect("openat takes the next", second - first, 1);
    expect("openat, absolute path, bad folder", third - second, 1);
    expect("FD_CLOEXEC of open", call(__NR_fcntl64, first, F_GETFD), 0);
    expect("FD_CLOEXEC of openat", call(__NR_fcntl64, second, F_GETFD), 1);
    expect("close", call(__NR_close, first), 0);
    expect("close again", call(__NR_close, first), -EBADF);
    expect("the lowest is taken again", call(__NR_open, self, O_RDONLY) - first,
           0);
    expect("F_GETFL, access", call(__NR_fcntl64, first, F_GETFL) & O_ACCMODE,
           O_RDONLY);
    call(__NR_close, first);
    call(__NR_close, second);
    call(__NR_close, third);
}

static void errors(void)
{
    int handle = (int)call(__NR_open, self, O_RDONLY);
    char path[5000];

    expect("no such file", call(__NR_open, "/no/such", O_RDONLY), -ENOENT);
    expect("empty path", call(__NR_open, "", O_RDONLY), -ENOENT);
    expect("path bad", call(__NR_open, BAD, O_RDONLY), -EFAULT);
    expect("path NULL", call(__NR_openat, AT_FDCWD, NULL, O_RDONLY), -EFAULT);
    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = 0;
    expect("path of 5,000 bytes", call(__NR_open, path, O_RDONLY),
           -ENAMETOOLONG);
    expect("relative path, bad folder", call(__NR_openat, 77, "file", O_RDONLY),
           -EBADF);
    expect("relative path, a file as folder",
           call(__NR_openat, handle, "file", O_RDONLY), -ENOTDIR);
    expect("O_DIRECTORY", call(__NR_open, self, O_RDONLY | O_DIRECTORY),
           -ENOTDIR);
    expect("O_CREAT | O_EXCL of what is there",
           call(__NR_open, self, O_RDONLY | O_CREAT | O_EXCL, 0600), -EEXIST);
    expect("close -1", call(__NR_close, -1), -EBADF);
    expect("close 77", call(__NR_close, 77), -EBADF);
    expect("close INT_MAX", call(__NR_close, 0x7fffffff), -EBADF);
    call(__NR_close, handle);
}

static void link_of_self(void)
{
    const char *started = (const char *)getauxval(AT_EXECFN);
    const char *slash = strrchr(started, '/');
    const char *name = slash ? slash + 1 : started;
    char text[512], short_text[8];
    long length = call(__NR_readlink, self, text, sizeof(text));

    check("readlink: an absolute path", length > 0 && text[0] == '/');
    check("  ends with the name it was started by",
          length > (long)strlen(name) &&
              memcmp(text + length - strlen(name), name, strlen(name)) == 0);
    expect("  cut to 4", call(__NR_readlink, self, short_text, 4), 4);
    check("  the beginning", memcmp(text, short_text, 4) == 0);
    check("readlinkat",
          call(__NR_readlinkat, AT_FDCWD, self, text, sizeof(text)) == length);
    expect("size 0", call(__NR_readlink, self, text, 0), -EINVAL);
    expect("size -1", call(__NR_readlink, self, text, -1), -EINVAL);
    expect("buffer bad", call(__NR_readlink, self, BAD, 100), -EFAULT);
    expect("path bad", call(__NR_readlink, BAD, text, 100), -EFAULT);
    expect("no such file", call(__NR_readlink, "/no/such", text, 100), -ENOENT);
    text[length > 0 ? length : 0] = 0;
    length = call(__NR_open, text, O_RDONLY);
    check("that path can be opened", length >= 0);
}

int main(void)
{
    numbers();
    errors();
    link_of_self();
    return 0;
}
