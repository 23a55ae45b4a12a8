/* SPDX-License-Identifier: MIT */
/*
 * Memory objects: memfd_create, ftruncate, what read sees of what was mapped,
 * two maps of one object, a child's; and errors. Nothing here makes one
 * shorter or writes into it with write().
 */
#include "oracle.h"
#include <sys/stat.h>

#define RW (PROT_READ | PROT_WRITE)

static int memory;

static char *map(long bytes, int prot, int flags, long page)
{
    return (char *)call(__NR_mmap2, 0, bytes, prot, flags, memory, page);
}

static int child(void *argument)
{
    char *at = argument;

    memcpy(at + 100, "from a child", 12);
    return (int)call(__NR_ftruncate, memory, 3 * 4096);
}

static void sizes(void)
{
    struct stat64 status;

    expect("of 0 bytes", call(__NR_lseek, memory, 0, SEEK_END), 0);
    expect("ftruncate", call(__NR_ftruncate, memory, 4196), 0);
    expect("  its end", call(__NR_lseek, memory, 0, SEEK_END), 4196);
    expect("ftruncate64", call(__NR_ftruncate64, memory, 8191, 0), 0);
    expect("fstat64", fstat64(memory, &status), 0);
    check("  a file of that size",
          S_ISREG(status.st_mode) && status.st_size == 8191);
    expect("ftruncate to -1", call(__NR_ftruncate, memory, -1), -EINVAL);
    expect("ftruncate64, negative", call(__NR_ftruncate64, memory, 0, 1u << 31),
           -EINVAL);
    expect("ftruncate 77", call(__NR_ftruncate, 77, 0), -EBADF);
    expect("ftruncate of the program",
           call(__NR_ftruncate, call(__NR_open, "/proc/self/exe", O_RDONLY), 0),
           -EINVAL);
}

static void contents(void)
{
    char *one = map(3 * 4096, RW, MAP_SHARED, 0), buffer[200] = "x";
    char *two = map(4096, PROT_READ, MAP_SHARED, 1);
    char *own = map(8192, RW, MAP_PRIVATE, 0);

    expect("pread64 before any use",
           call(__NR_pread64, memory, buffer, 1, 5000, 0), 1);
    check("  zero", buffer[0] == 0);
    memcpy(one + 4094, "across", 6);
    expect("pread64", call(__NR_pread64, memory, buffer, 6, 4094, 0), 6);
    check("  what was mapped", memcmp(buffer, "across", 6) == 0);
    check("a second map", memcmp(two, "ross", 4) == 0);
    memcpy(own + 4094, "mine", 4);
    check("a private map is apart", memcmp(two, "ross", 4) == 0);
    expect("up to the end", call(__NR_pread64, memory, buffer, 200, 8100, 0),
           91);
    in_child("a child writes", child, one);
    check("  it is seen", memcmp(one + 100, "from a child", 12) == 0);
    expect("  and the new end", call(__NR_lseek, memory, 0, SEEK_END), 12288);
    check("  whose page can be used", one[8192] == 0);
}

int main(void)
{
    memory = (int)call(__NR_memfd_create, "a name", MFD_CLOEXEC);
    check("memfd_create", memory >= 0);
    expect("  FD_CLOEXEC", call(__NR_fcntl64, memory, F_GETFD), 1);
    expect("  O_RDWR", call(__NR_fcntl64, memory, F_GETFL) & O_ACCMODE, O_RDWR);
    expect("a bad name", call(__NR_memfd_create, BAD, 0), -EFAULT);
    expect("an unknown flag", call(__NR_memfd_create, "x", 1u << 30), -EINVAL);
    sizes();
    contents();
    return 0;
}
