/* SPDX-License-Identifier: MIT */
/*
 * Claim C6: what there can be several of in an MM has no fixed address there.
 * Told by Torvalds in 2002, see docs/claim-c6.md. The u-area of classic Unix
 * was a record of the current process at one address, the same in all. First
 * such a record (it says whose it is) in processes of one task each: every one
 * finds its own. Then one of them makes a second task that shares its memory.
 * Last, what the kernel does instead for a thing of which each task has one:
 * the addresses of kernel stacks, of the tasks of one MM and of two.
 */
#include <stdbool.h>

#include "user/lib/error.h"
#include "user/lib/experiment.h"
#include "user/lib/measure.h"
#include "user/lib/print.h"
#include "user/lib/program.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define PROCESSES 3
#define TASKS     8u

static uint32_t record[TASKS][1024] __attribute__((aligned(4096)));
static uint8_t stacks[TASKS][4096] __attribute__((aligned(16)));
static struct thread threads[TASKS];
static uint32_t kernel_stacks[TASKS];
static volatile uint32_t arrived;
static volatile bool leave;

/* Make the record of the current task and let the u-area show it. */
static uint32_t make_record(uint32_t which)
{
    record[which][0] = (uint32_t)sys_gettid();
    return experiment(EXPERIMENT_fixed_map, 0, (uint32_t)record[which], 0);
}

/* One row: what a task finds in the u-area; whether it is its own record. */
static bool find_record(const char *who, uint32_t address)
{
    uint32_t found = experiment(EXPERIMENT_fixed_use, 0, 0, 0);
    uint32_t self = (uint32_t)sys_gettid();

    printf("%-24s %08x  %6u  %6d  %s\n", who, address, self, (int)found,
           found == self ? "right" : "WRONG");
    return found == self;
}

/* A process of one task; its exit status. */
static int be_process(uint32_t number)
{
    uint32_t address = experiment(EXPERIMENT_fixed_take, 0, 0, 0);
    char who[24];

    format_to(who, sizeof(who), "process %u, alone", number);
    if (is_error(address) || make_record(0))
        return 1;
    sys_sched_yield(); /* others run, and have the same address */
    return find_record(who, address) ? 0 : 1;
}

static bool run_processes(void)
{
    bool well = true;
    int status;

    for (uint32_t i = 0; i < PROCESSES; i++)
        if (sys_fork() == 0)
            sys_exit_group(be_process(i + 1));
    for (uint32_t i = 0; i < PROCESSES; i++)
        well &= sys_wait4(-1, &status, 0, NULL) > 0 && status == 0;
    return well;
}

static int be_second(void *argument)
{
    return (int)make_record((uint32_t)argument);
}

/* The process's own record, and again after its first CLONE_VM. */
static bool clone_once(uint32_t address)
{
    if (make_record(0) || !find_record("the first task, alone", address))
        return false;
    int tid = thread_start(&threads[1], be_second, (void *)1, stacks[1],
                           sizeof(stacks[1]));
    if (tid < 0)
        return false;
    thread_wait(&threads[1]);
    bool right = find_record("the same after CLONE_VM", address);
    experiment(EXPERIMENT_fixed_map, 0, 0, 0);
    return !right;
}

static int be_task(void *argument)
{
    kernel_stacks[(uint32_t)argument] =
        experiment(EXPERIMENT_stack_address, 0, 0, 0);
    __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
    while (!leave)
        sys_sched_yield();
    return 0;
}

/* All tasks of this MM note where their stacks are; false: not all could. */
static bool note_stacks(void)
{
    arrived = 1;
    leave = false;
    kernel_stacks[0] = experiment(EXPERIMENT_stack_address, 0, 0, 0);
    uint32_t made = 1;
    while (made < TASKS &&
           thread_start(&threads[made], be_task, (void *)made, stacks[made],
                        sizeof(stacks[made])) >= 0)
        made++;
    while (arrived < made)
        sys_sched_yield();
    leave = true;
    for (uint32_t i = 1; i < made; i++)
        thread_wait(&threads[i]);
    return made == TASKS;
}

/* No two of them are the same. */
static bool print_stacks(const char *whose)
{
    bool differ = true;

    printf("%-12s", whose);
    for (uint32_t i = 0; i < TASKS; i++) {
        printf(" %08x", kernel_stacks[i]);
        for (uint32_t j = 0; j < i; j++)
            differ &= kernel_stacks[i] != kernel_stacks[j];
    }
    printf("\n");
    return differ;
}

/* Both MMs have their first stack at the same address? */
static bool compare_stacks(bool *same)
{
    int status = -1;
    bool well = note_stacks() && print_stacks("this MM");
    uint32_t first = kernel_stacks[0];

    if (sys_fork() == 0) {
        well = note_stacks() && print_stacks("a child's");
        sys_exit_group(!well ? 1 : kernel_stacks[0] == first ? 2 : 0);
    }
    sys_wait4(-1, &status, 0, NULL);
    *same = status_exited(status) && status_code(status) == 2;
    return well && (status == 0 || *same);
}

int main(int argc, char **argv)
{
    bool same;

    (void)argc, (void)argv;
    show_configuration();
    measure_settle(); /* one CPU is enough */
    printf("\n%-24s %-8s  %6s  %6s\n", "who looks", "u-area", "number",
           "found");
    bool well = run_processes();
    uint32_t address = experiment(EXPERIMENT_fixed_take, 0, 0, 0);
    well = !is_error(address) && clone_once(address) && well;
    threads_wait_gone();
    printf("\nkernel stacks of the %u tasks of an MM\n", TASKS);
    well = compare_stacks(&same) && well;
    well &= same == option_is("kstack", "ukva");
    printf("\nverdict: %s; the stacks of one MM differ, %s\n",
           well ? "the u-area is right until the first CLONE_VM"
                : "FAILED: not as the claim says",
           same ? "those of two MMs need not"
                : "those of two MMs too: all lie in low memory");
    return well ? 0 : 1;
}
