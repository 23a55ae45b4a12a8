/* SPDX-License-Identifier: MIT */
/*
 * Two programs that never give way, first bound to one CPU and then allowed
 * everywhere: the other CPU, which sleeps, is told and takes one of them. And
 * the kernel says for how long a task has run, ended ones included.
 *
 * run: cpus=2,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"

#define SPINNERS 2
#define PATIENCE (2 * (uint64_t)NANOSECONDS)

static bool on_different_cpus(const int *pids)
{
    struct abi_task a, b;

    return task_read((uint32_t)pids[0], &a) &&
           task_read((uint32_t)pids[1], &b) && a.cpu != b.cpu;
}

static void check_run_time(void)
{
    struct abi_task row = {0};
    int status, pid = program_start_self("end", NULL);

    do
        CHECK(task_read((uint32_t)pid, &row));
    while (row.state != 'Z');
    CHECK(row.run_ns > 0 && row.run_ns < PATIENCE);
    CHECK_EQUAL(sys_wait4(pid, &status, 0, NULL), pid);
}

int main(int argc, char **argv)
{
    uint32_t one = 1, all = ~0u;
    int pids[SPINNERS];

    if (argc > 1 && argv[1][0] == 'e')
        return 0;
    while (argc > 1)
        continue;
    check_run_time();
    CHECK_EQUAL(sys_sched_setaffinity(0, sizeof(one), &one), 0);
    for (int i = 0; i < SPINNERS; i++)
        CHECK((pids[i] = program_start_self("spin", NULL)) > 0);
    clock_sleep(50 * MILLISECONDS);
    CHECK(!on_different_cpus(pids));
    for (int i = 0; i < SPINNERS; i++)
        CHECK_EQUAL(sys_sched_setaffinity(pids[i], sizeof(all), &all), 0);
    uint64_t begin = clock_now();
    while (!on_different_cpus(pids) && clock_now() - begin < PATIENCE)
        clock_sleep(5 * MILLISECONDS);
    CHECK(on_different_cpus(pids));
    return check_result(); /* the kernel ends the spinners with task 1 */
}
