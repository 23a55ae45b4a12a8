/* SPDX-License-Identifier: MIT */
/*
 * Calls that do not exist and arguments that mean nothing are answered with an
 * error; odd register contents (string direction, null segments, the nested
 * task flag) do not reach the kernel's own work.
 *
 * run: cpus=1 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/start.h"
#include "user/lib/syscall.h"

static const uint32_t nothing[6];

static bool is_listed(uint32_t number)
{
    for (const struct system_call_row *row = system_calls; row->name; row++)
        if (row->number == number)
            return true;
    return false;
}

static void unknown_numbers(void)
{
    static const uint32_t numbers[] = {0x7fffffff, 0x80000000, 0x80000001,
                                       0xfffff000, 0xffffffff, 0x10001000};
    uint32_t wrong = 0;

    for (uint32_t n = 0x1004; n < 0x1200; n++)
        if (!is_listed(n) && system_call(n, nothing) != -ENOSYS)
            wrong++;
    CHECK_EQUAL_IN("unknown numbers not answered with ENOSYS", wrong, 0);
    for (uint32_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        CHECK_EQUAL(system_call(numbers[i], nothing), -ENOSYS);
}

/* They are counted by number: 188 is one that Linux has not got either. */
static void counted_numbers(void)
{
    struct abi_unknown_call row = {0, 0};

    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(system_call(188, nothing), -ENOSYS);
    for (uint32_t i = 0; row.number != 188; i++)
        if (sys_query(QUERY_UNKNOWN, i, &row, sizeof(row)) != 1)
            break;
    CHECK_EQUAL(row.number, 188);
    CHECK_EQUAL(row.count, 3);
}

static void bad_arguments(void)
{
    struct abi_timespec32 negative = {-1, 0}, too_many = {0, 1000000000};
    struct abi_timespec64 time;
    uint32_t mask = 1, no_cpu = 0;
    int status;

    CHECK_EQUAL(sys_nanosleep(&negative, NULL), -EINVAL);
    CHECK_EQUAL(sys_nanosleep(&too_many, NULL), -EINVAL);
    CHECK_EQUAL(sys_clock_gettime64(77, &time), -EINVAL);
    CHECK_EQUAL(sys_clock_getres_time64(-5, &time), -EINVAL);
    CHECK_EQUAL(sys_wait4(-1, &status, 0, NULL), -ECHILD);
    CHECK_EQUAL(sys_wait4(99999, &status, 0, NULL), -ECHILD);
    CHECK_EQUAL(sys_wait4(-1, &status, 0x100, NULL), -EINVAL);
    CHECK_EQUAL(sys_sched_setaffinity(0, sizeof(no_cpu), &no_cpu), -EINVAL);
    CHECK_EQUAL(sys_sched_setaffinity(999999, sizeof(mask), &mask), -ESRCH);
    CHECK_EQUAL(sys_sched_getaffinity(0, 1, &mask), -EINVAL);
    CHECK_EQUAL(sys_sched_getaffinity(999999, sizeof(mask), &mask), -ESRCH);
    CHECK_EQUAL(sys_reboot(1, 2, ABI_REBOOT_POWER_OFF, NULL), -EINVAL);
    CHECK_EQUAL(sys_reboot(ABI_REBOOT_MAGIC1, ABI_REBOOT_MAGIC2, 12345, NULL),
                -EINVAL);
}

static void own_calls(void)
{
    uint32_t buffer[64];

    CHECK_EQUAL(sys_query(-1, 0, buffer, sizeof(buffer)), -EINVAL);
    CHECK_EQUAL(sys_query(1000, 0, buffer, sizeof(buffer)), -EINVAL);
    CHECK_EQUAL(sys_query(QUERY_CPUS, 0xffffffff, buffer, sizeof(buffer)), 0);
    CHECK_EQUAL(sys_query(QUERY_COUNTERS, 0, buffer, 1), 0);
    CHECK_EQUAL(sys_query(QUERY_LOG, 0xffffffff, buffer, sizeof(buffer)), 0);
    CHECK(sys_selftest(0xffffffff) < 0);
}

/* The call with EFLAGS as given; they are put back at once. */
static int call_with_flags(uint32_t flags)
{
    int result = SYS_getpid;

    __asm__ volatile("pushfl\n"
                     "pushfl\n"
                     "orl %1, (%%esp)\n"
                     "popfl\n"
                     "int $0x80\n"
                     "popfl\n"
                     : "+a"(result)
                     : "r"(flags)
                     : "memory", "cc");
    return result;
}

/* The call with DS, ES and GS empty: the kernel must load its own. */
static int call_with_null_segments(void)
{
    int result = SYS_getpid;

    __asm__ volatile("pushl %%ds\n"
                     "pushl %%es\n"
                     "pushl %%gs\n"
                     "xorl %%ecx, %%ecx\n"
                     "movl %%ecx, %%ds\n"
                     "movl %%ecx, %%es\n"
                     "movl %%ecx, %%gs\n"
                     "int $0x80\n"
                     "popl %%gs\n"
                     "popl %%es\n"
                     "popl %%ds\n"
                     : "+a"(result)
                     :
                     : "ecx", "memory", "cc");
    return result;
}

static void odd_registers(void)
{
    int pid = sys_getpid();

    CHECK_EQUAL(call_with_flags(0x400), pid);   /* DF: strings go down */
    CHECK_EQUAL(call_with_flags(0x4000), pid);  /* NT: IRET would switch task */
    CHECK_EQUAL(call_with_flags(0x40000), pid); /* AC: alignment checks */
    CHECK_EQUAL(call_with_null_segments(), pid);
}

int main(int argc, char **argv)
{
    (void)argc, (void)argv;
    unknown_numbers();
    counted_numbers();
    bad_arguments();
    own_calls();
    odd_registers();
    return check_result();
}
