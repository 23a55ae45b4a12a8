/* SPDX-License-Identifier: MIT */
/*
 * The measurements. An operation is a function that does something `n` times;
 * the cost of the loop itself is measured with an empty one and taken off where
 * it matters, for the null call.
 */
#include "user/lib/measure.h"

#include "user/lib/clock.h"
#include "user/lib/division.h"
#include "user/lib/program.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

typedef void (*operation)(uint32_t times);

int measure_settle(void)
{
    uint32_t mask = 1;

    return sys_sched_setaffinity(0, sizeof(mask), &mask);
}

static void sort(uint32_t *figures, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t j = i; j && figures[j] < figures[j - 1]; j--) {
            uint32_t swap = figures[j];
            figures[j] = figures[j - 1];
            figures[j - 1] = swap;
        }
}

/* Rounds of `times` operations, `parts` figures wanted of each. */
static struct measurement measure(operation run, uint32_t times, uint32_t parts)
{
    uint32_t figures[MEASURE_ROUNDS];
    struct measurement m = {.operations = times};
    uint64_t switches;

    run(times); /* warms caches and translations */
    switches = counter_read("switches");
    for (int round = 0; round < MEASURE_ROUNDS; round++) {
        uint64_t begin = cycle_counter();
        run(times);
        uint64_t counts = cycle_counter() - begin;
        figures[round] = (uint32_t)divide_u64(counts, times * parts, NULL);
    }
    m.switches = (uint32_t)(counter_read("switches") - switches);
    sort(figures, MEASURE_ROUNDS);
    m.counts = figures[MEASURE_ROUNDS / 2];
    m.lowest = figures[0];
    m.highest = figures[MEASURE_ROUNDS - 1];
    return m;
}

static void empty_loop(uint32_t times)
{
    __asm__ volatile("1: movl %1, %%eax; decl %0; jnz 1b"
                     : "+r"(times)
                     : "i"(SYS_getpid)
                     : "eax", "cc", "memory");
}

static void null_calls(uint32_t times)
{
    __asm__ volatile("1: movl %1, %%eax; int $0x80; decl %0; jnz 1b"
                     : "+r"(times)
                     : "i"(SYS_getpid)
                     : "eax", "cc", "memory");
}

struct measurement measure_null_call(void)
{
    uint32_t loop = measure(empty_loop, 1000, 1).counts;
    struct measurement m = measure(null_calls, 1000, 1);

    m.counts -= loop;
    m.lowest -= loop;
    m.highest -= loop;
    return m;
}

static void yields(uint32_t times)
{
    while (times--)
        sys_sched_yield();
}

struct measurement measure_yield(void)
{
    return measure(yields, 1000, 1);
}

static volatile uint32_t stop; /* tells the partner thread to end */

static int yield_until_stopped(void *argument)
{
    (void)argument;
    measure_settle();
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
        sys_sched_yield();
    return 0;
}

struct measurement measure_switch_thread(void)
{
    static uint8_t stack[8192] __attribute__((aligned(16)));
    struct thread partner;
    struct measurement m = {0};

    stop = 0;
    m.error =
        thread_start(&partner, yield_until_stopped, NULL, stack, sizeof(stack));
    if (m.error < 0)
        return m;
    /* Each yield switches there, and the partner's switches back. */
    m = measure(yields, 1000, 2);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    thread_wait(&partner);
    return m;
}

/*
 * The partner shares no memory, so nobody can tell it to stop: it yields more
 * often than all rounds together, which keeps it there to the end.
 */
#define PROGRAM_TIMES 500

int measure_partner(void)
{
    int error = measure_settle();

    yields(PROGRAM_TIMES * (MEASURE_ROUNDS + 2));
    return error ? 1 : 0;
}

struct measurement measure_switch_program(void)
{
    struct measurement m = {0};
    int status = 0;

    int pid = program_start_self(MEASURE_PARTNER, NULL);
    m.error = pid < 0 ? pid : 0;
    if (pid < 0)
        return m;
    yields(PROGRAM_TIMES / 2); /* until it has come to CPU 0 */
    m = measure(yields, PROGRAM_TIMES, 2);
    m.error = sys_wait4(pid, &status, 0, NULL);
    m.error = m.error > 0 ? 0 : m.error;
    return m;
}

static int spawn_error;

static void spawns(uint32_t times)
{
    while (times--) {
        int status = program_run_self(MEASURE_NOTHING, NULL);
        if (status)
            spawn_error = status;
    }
}

struct measurement measure_spawn(void)
{
    spawn_error = 0;
    struct measurement m = measure(spawns, 10, 1);

    m.error = spawn_error;
    return m;
}
