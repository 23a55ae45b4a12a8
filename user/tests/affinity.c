/* SPDX-License-Identifier: MIT */
/*
 * A task runs where its affinity says, from the moment the call returns; the
 * mask reads back; a child and a thread inherit it; CPUs that are not there
 * cannot be asked for.
 *
 * run: cpus=1,2,4,8 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

/* The CPU that this task runs on, as the kernel's table says. */
static uint32_t where(void)
{
    struct abi_task task;

    return task_read((uint32_t)sys_gettid(), &task) ? task.cpu : 999;
}

/* The number of the CPU itself: its local APIC's, from CPUID.1:EBX. */
static uint32_t apic_here(void)
{
    uint32_t a = 1, b, c, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    return b >> 24;
}

static int set(int tid, uint32_t mask)
{
    return sys_sched_setaffinity(tid, sizeof(mask), &mask);
}

static uint32_t get(int tid)
{
    uint32_t mask = 0;
    int bytes = sys_sched_getaffinity(tid, sizeof(mask), &mask);

    return bytes == sizeof(mask) ? mask : 0;
}

static void stay_on(const struct abi_cpu *cpu)
{
    uint32_t moved = 0;

    CHECK_EQUAL(set(0, 1u << cpu->index), 0);
    CHECK_EQUAL(get(0), 1u << cpu->index);
    for (int i = 0; i < 50; i++) {
        if (where() != cpu->index || apic_here() != cpu->apic_id)
            moved++;
        sys_sched_yield();
        if (i % 10 == 0)
            clock_sleep(MILLISECONDS); /* wakes where it may run */
    }
    CHECK_EQUAL_IN("times seen on another CPU", moved, 0);
}

static volatile uint32_t thread_mask, thread_cpu, quit;

static int report(void *argument)
{
    (void)argument;
    thread_mask = get(0);
    thread_cpu = where();
    while (!quit)
        sys_sched_yield();
    return 0;
}

/* A thread inherits, and can be moved while it runs, by its number. */
static void threads_follow(uint32_t cpus)
{
    static uint8_t stack[8192] __attribute__((aligned(16)));
    struct thread thread;
    struct abi_task row;
    uint32_t last = cpus - 1;

    CHECK_EQUAL(set(0, 1u << last), 0);
    int tid = thread_start(&thread, report, NULL, stack, sizeof(stack));
    CHECK(tid > 0);
    while (!thread_mask)
        sys_sched_yield();
    CHECK_EQUAL(thread_mask, 1u << last);
    CHECK_EQUAL(set(tid, 1), 0);
    CHECK_EQUAL(get(tid), 1);
    for (int i = 0; i < 1000; i++) {
        if (task_read((uint32_t)tid, &row) && row.cpu == 0)
            break;
        clock_sleep(MILLISECONDS);
    }
    CHECK_EQUAL(row.cpu, 0);
    quit = 1;
    thread_wait(&thread);
    /* Its word is cleared a moment before its number is free. */
    for (int i = 0; i < 1000 && set(tid, 1) == 0; i++)
        clock_sleep(MILLISECONDS);
    CHECK_EQUAL(set(tid, 1), -ESRCH);
}

int main(int argc, char **argv)
{
    struct abi_cpu cpu;
    struct abi_system system = system_read();
    uint32_t all = get(0), last = system.cpus - 1;

    (void)argv;
    if (argc > 1) /* the child: status is the CPU it may run on */
        return get(0) == 1u << where() ? (int)where() : 99;
    CHECK_EQUAL(all, system.cpus == 32 ? 0xffffffff : (1u << system.cpus) - 1);
    for (uint32_t i = 0; query_row(QUERY_CPUS, i, &cpu, sizeof(cpu)); i++)
        stay_on(&cpu);
    CHECK_EQUAL(set(0, 1u << last), 0);
    CHECK_EXIT("a child inherits", program_run_self("--child", NULL),
               (int)last);
    threads_follow(system.cpus);
    if (system.cpus < 32)
        CHECK_EQUAL(set(0, 1u << system.cpus), -EINVAL);
    /* Among others, CPUs that are not there are left out. */
    CHECK_EQUAL(set(0, 0xffffffff), 0);
    CHECK_EQUAL(get(0), all);
    return check_result();
}
