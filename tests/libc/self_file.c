/* SPDX-License-Identifier: MIT */
/*
 * The program reads its own file, by /proc/self/exe: through stdio, through
 * read() with all ways of seeking, through mmap(); the three agree. What is in
 * the file and what is in memory agree as well.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libc.h"

static const char self[] = "/proc/self/exe";
static const char mark[] = "a text that is in the file and in memory";

static unsigned sum_of(const unsigned char *bytes, size_t count, unsigned sum)
{
    while (count--)
        sum = sum * 31 + *bytes++;
    return sum;
}

static unsigned by_stdio(long *size)
{
    unsigned char buffer[777];
    unsigned sum = 0;
    size_t n;
    FILE *file = fopen(self, "rb");

    *size = 0;
    if (!CHECK(file != NULL, "fopen"))
        return 0;
    while ((n = fread(buffer, 1, sizeof(buffer), file)) > 0) {
        sum = sum_of(buffer, n, sum);
        *size += (long)n;
    }
    CHECK(feof(file) && !ferror(file), "to the end");
    CHECK(fseek(file, 0, SEEK_END) == 0 && ftell(file) == *size, "its size");
    rewind(file);
    CHECK(fgetc(file) == 0x7f && fgetc(file) == 'E', "from the beginning");
    ungetc('X', file);
    CHECK(fgetc(file) == 'X' && fgetc(file) == 'L', "one put back");
    fclose(file);
    return sum;
}

static unsigned by_read(int file, long size)
{
    unsigned char *all = malloc((size_t)size + 100);
    long half = size / 2, n = 0, got;

    CHECK(lseek(file, half, SEEK_SET) == half, "to the middle");
    while ((got = read(file, all + half + n, (size_t)(size - half) + 100)) > 0)
        n += got;
    CHECK(got == 0 && half + n == size, "read up to the end");
    CHECK(lseek(file, -size, SEEK_CUR) == 0, "back");
    CHECK(lseek(file, -1, SEEK_CUR) == -1 && errno == EINVAL, "no further");
    n = 0;
    while (n < half && (got = read(file, all + n, (size_t)(half - n))) > 0)
        n += got;
    CHECK(n == half, "read up to the middle");
    CHECK(pread(file, all, 4, 0) == 4 && !memcmp(all, ELFMAG, 4), "pread");
    unsigned sum = sum_of(all, (size_t)size, 0);
    free(all);
    return sum;
}

static unsigned by_mmap(int file, long size)
{
    unsigned char *map =
        mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);

    if (!CHECK(map != MAP_FAILED, "mmap"))
        return 0;
    unsigned sum = sum_of(map, (size_t)size, 0);
    CHECK(memmem(map, (size_t)size, mark, sizeof(mark)) != NULL,
          "our own text is in it");
    map[0] = 'x';
    unsigned char first = 0;
    CHECK(pread(file, &first, 1, 0) == 1 && first == 0x7f, "a private write");
    munmap(map, (size_t)size);
    return sum;
}

int main(void)
{
    struct stat status;
    Elf32_Ehdr header;
    long size;
    unsigned sum = by_stdio(&size);
    int file = open(self, O_RDONLY);

    CHECK(file == 3, "open");
    CHECK(fstat(file, &status) == 0 && status.st_size == size, "fstat");
    CHECK(S_ISREG(status.st_mode) && (status.st_mode & 0400),
          "an ordinary file");
    CHECK(by_read(file, size) == sum, "the same bytes by read");
    CHECK(by_mmap(file, size) == sum, "the same bytes by mmap");
    CHECK(pread(file, &header, sizeof(header), 0) == sizeof(header), "header");
    CHECK(header.e_machine == EM_386 && header.e_type == ET_EXEC, "i386");
    CHECK(write(file, "x", 1) == -1 && errno == EBADF, "not for writing");
    CHECK(close(file) == 0 && close(file) == -1 && errno == EBADF, "closed");
    CHECK(open("/no/such/file", O_RDONLY) == -1 && errno == ENOENT, "ENOENT");
    return check_sum();
}
