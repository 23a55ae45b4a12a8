/* SPDX-License-Identifier: MIT */
/*
 * read, pread64, lseek and _llseek on the program's own file: the ELF header
 * is there, the offset moves, the end of the file reads nothing; errors; and
 * what is read into a buffer that is bad in its second half.
 */
#include "oracle.h"
#include <elf.h>
#include <sys/stat.h>

static int file;
static long size;

static void reading(void)
{
    Elf32_Ehdr header;
    char byte, bytes[4];

    expect("read the header", call(__NR_read, file, &header, sizeof(header)),
           sizeof(header));
    check("  it is one", memcmp(header.e_ident, "\177ELF", 4) == 0 &&
                             header.e_type == ET_EXEC &&
                             header.e_machine == EM_386);
    expect("the offset is behind it", call(__NR_lseek, file, 0, SEEK_CUR),
           sizeof(header));
    expect("pread64 at 1", call(__NR_pread64, file, bytes, 3, 1, 0), 3);
    check("  right", memcmp(bytes, "ELF", 3) == 0);
    expect("the offset is where it was", call(__NR_lseek, file, 0, SEEK_CUR),
           sizeof(header));
    expect("read nothing", call(__NR_read, file, &byte, 0), 0);
    expect("read nothing to a bad address", call(__NR_read, file, BAD, 0), 0);
    check("SEEK_END", call(__NR_lseek, file, 0, SEEK_END) == size);
    expect("read at the end", call(__NR_read, file, &byte, 1), 0);
    check("SEEK_END -2", call(__NR_lseek, file, -2, SEEK_END) == size - 2);
    expect("read 4 of 2", call(__NR_read, file, bytes, 4), 2);
    check("beyond the end",
          call(__NR_lseek, file, size + 1000, SEEK_SET) == size + 1000);
    expect("read there", call(__NR_read, file, bytes, 4), 0);
    expect("pread64 beyond the end",
           call(__NR_pread64, file, bytes, 4, size, 0), 0);
}

static void seeking(void)
{
    int64_t place = 0;

    expect("SEEK_SET 4", call(__NR_lseek, file, 4, SEEK_SET), 4);
    expect("SEEK_CUR 3", call(__NR_lseek, file, 3, SEEK_CUR), 7);
    expect("SEEK_CUR -7", call(__NR_lseek, file, -7, SEEK_CUR), 0);
    expect("SEEK_CUR -1", call(__NR_lseek, file, -1, SEEK_CUR), -EINVAL);
    expect("SEEK_SET -1", call(__NR_lseek, file, -1, SEEK_SET), -EINVAL);
    expect("kind 77", call(__NR_lseek, file, 0, 77), -EINVAL);
    expect("_llseek", call(__NR__llseek, file, 1, 5, &place, SEEK_SET), 0);
    check("  4 GiB and 5", place == 0x100000005ll);
    expect("_llseek back", call(__NR__llseek, file, 0, 0, &place, SEEK_SET), 0);
    expect("_llseek negative",
           call(__NR__llseek, file, -1, -1, &place, SEEK_SET), -EINVAL);
    expect("_llseek bad", call(__NR__llseek, file, 0, 0, BAD, SEEK_CUR),
           -EFAULT);
}

static void errors(void)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char byte;

    munmap(page + 4096, 4096);
    call(__NR_lseek, file, 0, SEEK_SET);
    expect("buffer bad", call(__NR_read, file, BAD, 4), -EFAULT);
    expect("  the offset did not move", call(__NR_lseek, file, 0, SEEK_CUR), 0);
    expect("buffer bad after 100 bytes",
           call(__NR_read, file, page + 4096 - 100, 200), 100);
    expect("  the offset", call(__NR_lseek, file, 0, SEEK_CUR), 100);
    expect("buffer in the kernel", call(__NR_read, file, 0xfffff000u, 4),
           -EFAULT);
    expect("handle 77", call(__NR_read, 77, &byte, 1), -EBADF);
    expect("handle -1", call(__NR_read, -1, &byte, 1), -EBADF);
    expect("pread64 at -1", call(__NR_pread64, file, &byte, 1, -1, -1),
           -EINVAL);
    expect("lseek 77", call(__NR_lseek, 77, 0, SEEK_SET), -EBADF);
    expect("write", call(__NR_write, file, "x", 1), -EBADF);
    expect("write nothing", call(__NR_write, file, "x", 0), -EBADF);
    expect("write to 77", call(__NR_write, 77, "x", 1), -EBADF);
    expect("write from a bad address", call(__NR_write, 1, BAD, 4), -EFAULT);
}

int main(void)
{
    struct stat64 status;

    file = (int)call(__NR_open, "/proc/self/exe", O_RDONLY);
    fstat64(file, &status);
    size = (long)status.st_size;
    reading();
    seeking();
    errors();
    return 0;
}
