/* SPDX-License-Identifier: MIT */
/*
 * A wild pointer in each system call that takes one: null, kernel addresses,
 * across the end of a mapped page, round the top of the address space, and
 * read-only memory where the kernel would write. The answer is EFAULT, never
 * death. Across the border of two mapped pages every call works.
 *
 * read() is tried only when standard input is at its end (stdin=none), since
 * it would wait for the console otherwise.
 *
 * run: cpus=1 mem=64M options="stdin=none"
 * run: cpus=4 mem=512M options="stdin=none lowmem=32M"
 */
#include "kernel/abi/linux_file.h"
#include "user/lib/check.h"
#include "user/lib/memory.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"

#define READS   1u /* the kernel reads what the pointer names */
#define WRITES  2u
#define NULL_OK 4u /* null means "not wanted" */
#define PARTIAL 8u /* a part before the fault may count as success */
#define NEEDS_END                                               \
    16u /* only with standard input at its end; 0 is right, too \
         */

#define PATH 32u /* of a file that there is not */

#define POINTER 0xdeadbeef /* the place of the pointer under test */

struct pointer_case {
    const char *name;
    uint32_t number, flags;
    uint32_t bytes; /* that the kernel touches */
    uint32_t arguments[5];
};

static struct abi_timespec32 short32;
static struct abi_timespec64 short64;
static char path[] = "/no/such/program";
static char one[256];
static char *no_strings[] = {NULL};

/* Vectors hold one null pointer: 4 bytes that the kernel reads. */
static const struct pointer_case cases[] = {
    {"write", SYS_write, READS | PARTIAL, 16, {1, POINTER, 16}},
    {"read", SYS_read, WRITES | PARTIAL | NEEDS_END, 16, {0, POINTER, 16}},
    {"uname", SYS_uname, WRITES, sizeof(struct abi_utsname), {POINTER}},
    {"nanosleep request", SYS_nanosleep, READS, 8, {POINTER, 0}},
    {"clock_gettime", SYS_clock_gettime, WRITES, 8, {1, POINTER}},
    {"clock_getres", SYS_clock_getres, WRITES | NULL_OK, 8, {1, POINTER}},
    {"clock_gettime64", SYS_clock_gettime64, WRITES, 16, {1, POINTER}},
    {"clock_getres_time64",
     SYS_clock_getres_time64,
     WRITES | NULL_OK,
     16,
     {1, POINTER}},
    {"clock_nanosleep_time64",
     SYS_clock_nanosleep_time64,
     READS,
     16,
     {1, 0, POINTER, 0}},
    {"sched_setaffinity", SYS_sched_setaffinity, READS, 4, {0, 4, POINTER}},
    {"sched_getaffinity", SYS_sched_getaffinity, WRITES, 4, {0, 4, POINTER}},
    {"spawn path",
     SYS_spawn,
     READS | PATH,
     4,
     {POINTER, (uint32_t)no_strings, (uint32_t)no_strings}},
    {"spawn argv",
     SYS_spawn,
     READS | NULL_OK,
     4,
     {(uint32_t)path, POINTER, (uint32_t)no_strings}},
    {"spawn envp",
     SYS_spawn,
     READS | NULL_OK,
     4,
     {(uint32_t)path, (uint32_t)no_strings, POINTER}},
    {"readv", SYS_readv, READS, 8, {0, POINTER, 1}},
    {"writev", SYS_writev, READS, 8, {1, POINTER, 1}},
    {"open", SYS_open, READS | PATH, 4, {POINTER, 0}},
    {"openat",
     SYS_openat,
     READS | PATH,
     4,
     {(uint32_t)ABI_AT_FDCWD, POINTER, 0}},
    {"stat64 path", SYS_stat64, READS | PATH, 4, {POINTER, (uint32_t)one}},
    {"stat64", SYS_stat64, WRITES, 96, {(uint32_t) "/", POINTER}},
    {"fstat64", SYS_fstat64, WRITES, 96, {1, POINTER}},
    {"statx",
     SYS_statx,
     WRITES,
     256,
     {1, (uint32_t) "", ABI_AT_EMPTY_PATH, ABI_STATX_BASIC, POINTER}},
    {"readlink",
     SYS_readlink,
     WRITES,
     8,
     {(uint32_t) "/proc/self/exe", POINTER, 8}},
    {"readlink path",
     SYS_readlink,
     READS | PATH,
     4,
     {POINTER, (uint32_t)one, 1}},
    {"ioctl TCGETS", SYS_ioctl, WRITES, 36, {1, ABI_TCGETS, POINTER}},
    {"ioctl TIOCGWINSZ", SYS_ioctl, WRITES, 8, {1, ABI_TIOCGWINSZ, POINTER}},
    {"memfd_create", SYS_memfd_create, READS, 4, {POINTER, 0}},
    {"query",
     SYS_query,
     WRITES,
     sizeof(struct abi_system),
     {QUERY_SYSTEM, 0, POINTER, sizeof(struct abi_system)}},
    {"query log", SYS_query, WRITES | PARTIAL, 16, {QUERY_LOG, 0, POINTER, 16}},
};

static bool input_ended;

static int call(const struct pointer_case *c, uint32_t pointer)
{
    uint32_t arguments[6] = {0};

    for (int i = 0; i < 5; i++)
        arguments[i] = c->arguments[i] == POINTER ? pointer : c->arguments[i];
    return system_call(c->number, arguments);
}

static void expect_fault(const struct pointer_case *c, const char *what,
                         uint32_t pointer, bool partly_mapped)
{
    int result = call(c, pointer);
    char text[96];

    /* A spawn that reads its path first may say that there is no such file. */
    if (c->number == SYS_spawn && c->arguments[0] != POINTER &&
        result == -ENOENT)
        result = -EFAULT;
    if ((c->flags & PARTIAL) && partly_mapped && result > 0 &&
        result < (int)c->bytes)
        result = -EFAULT;
    if ((c->flags & NEEDS_END) && result == 0)
        result = -EFAULT;
    format_to(text, sizeof(text), "%s, %s %08x", c->name, what, pointer);
    CHECK_EQUAL_IN(text, result, -EFAULT);
}

/* Pointers that are wrong for everyone; 0 apart, which may mean "none". */
static void wild(const struct pointer_case *c, uint32_t end_of_heap)
{
    static const uint32_t kernel[] = {0xc0000000, 0xc0100000, 0xe0000000,
                                      0xf1000000, 0xf5000000, 0xff800000,
                                      0xffc00000, 0xfffff000};

    /* Where a string begins in the last bytes, it must not end in them. */
    memset((void *)(end_of_heap - 16), 'x', 16);
    memset((void *)(0xc0000000 - 16), 'x', 16);
    if (!(c->flags & NULL_OK))
        expect_fault(c, "null", 0, false);
    expect_fault(c, "page zero", 8, false);
    for (uint32_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++)
        expect_fault(c, "kernel", kernel[i], false);
    expect_fault(c, "end of user space", 0xc0000000 - c->bytes / 2, true);
    expect_fault(c, "unmapped", end_of_heap, false);
    expect_fault(c, "end of the heap", end_of_heap - c->bytes / 2, true);
    expect_fault(c, "round the top", 0u - c->bytes / 2, false);
    if (c->flags & WRITES)
        expect_fault(c, "read-only", (uint32_t)&cases, false);
}

/* What the kernel is to read there. */
static void prepare(const struct pointer_case *c, uint8_t *at)
{
    uint32_t mask = 1;

    memset(at, 0, c->bytes);
    if (c->number == SYS_sched_setaffinity)
        memcpy(at, &mask, sizeof(mask));
    else if (c->number == SYS_write)
        memset(at, '.', c->bytes);
    else if (c->flags & PATH)
        memcpy(at, "/x/", 4);
}

static void straddling(const struct pointer_case *c, uint8_t *border)
{
    uint8_t *at = border - c->bytes / 2;
    int result;

    prepare(c, at);
    result = call(c, (uint32_t)at);
    if (c->number == SYS_spawn || c->flags & PATH)
        CHECK_EQUAL_IN(c->name, result, -ENOENT);
    else
        check_condition(__FILE__, __LINE__, c->name, result >= 0);
    if (c->number == SYS_write)
        printf("\n");
}

/* Second pointers of calls that were not the case's own. */
static void second_pointers(uint32_t end_of_heap)
{
    short32.nanoseconds = short64.nanoseconds = 1;
    /* What is left is only written when a signal interrupts the sleep. */
    CHECK_EQUAL(sys_nanosleep(&short32, (void *)0xc0000000), 0);
    CHECK_EQUAL(sys_clock_nanosleep_time64(1, 0, &short64, (void *)end_of_heap),
                0);
    CHECK_EQUAL(sys_write(1, (void *)0xc0000000, 0), 0);
}

int main(int argc, char **argv)
{
    uint8_t *pages = memory_pages(2);
    uint32_t end = (uint32_t)pages + 2 * PAGE_BYTES;

    (void)argc, (void)argv;
    if (!CHECK(pages != NULL))
        return check_result();
    input_ended = option_is("stdin", "none");
    if (!input_ended)
        printf("read() is not tried: standard input is the console\n");
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if ((cases[i].flags & NEEDS_END) && !input_ended)
            continue;
        wild(&cases[i], end);
        straddling(&cases[i], pages + PAGE_BYTES);
    }
    second_pointers(end);
    return check_result();
}
