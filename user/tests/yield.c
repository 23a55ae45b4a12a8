/* SPDX-License-Identifier: MIT */
/*
 * sched_yield() lets others of the same CPU run in turn, a task that never
 * yields is interrupted all the same, and idle CPUs pull what is ready.
 *
 * run: cpus=1,2,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/start.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define THREADS 4

static uint8_t stacks[THREADS][8192] __attribute__((aligned(16)));
static struct thread threads[THREADS];
static uint32_t turns[THREADS], indices[THREADS];
static uint32_t stop;

static void start_all(thread_function function, uint32_t count)
{
    __atomic_store_n(&stop, 0, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < count; i++) {
        indices[i] = i;
        turns[i] = 0;
        CHECK(thread_start(&threads[i], function, &indices[i], stacks[i],
                           sizeof(stacks[i])) > 0);
    }
}

static void stop_all(uint32_t count)
{
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < count; i++)
        thread_wait(&threads[i]);
}

static uint32_t turns_of(uint32_t i)
{
    return __atomic_load_n(&turns[i], __ATOMIC_RELAXED);
}

static int count_and_yield(void *argument)
{
    uint32_t mine = *(uint32_t *)argument;

    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        __atomic_fetch_add(&turns[mine], 1, __ATOMIC_RELAXED);
        sys_sched_yield();
    }
    return 0;
}

static int count_without_yield(void *argument)
{
    uint32_t mine = *(uint32_t *)argument;

    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
        __atomic_fetch_add(&turns[mine], 1, __ATOMIC_RELAXED);
    return 0;
}

/* On one CPU each gets its turn: none is more than a few ahead. */
static void in_turn(void)
{
    uint32_t least = 0xffffffff, most = 0, mask = 1;

    CHECK_EQUAL(sys_sched_setaffinity(0, sizeof(mask), &mask), 0);
    start_all(count_and_yield, THREADS);
    for (int i = 0; i < 500; i++)
        sys_sched_yield();
    for (uint32_t i = 0; i < THREADS; i++) {
        least = turns_of(i) < least ? turns_of(i) : least;
        most = turns_of(i) > most ? turns_of(i) : most;
    }
    /* A time slice that ends in mid-turn may cost one a turn, not half. */
    if (!CHECK(least >= 250) || !CHECK(most <= 2 * least))
        printf("of 500 rounds the least had %u turns, the most %u\n", least,
               most);
    stop_all(THREADS);
}

/* Spinning tasks on our only CPU do not keep us from running. */
static void preempted(void)
{
    uint64_t begin = clock_now();

    start_all(count_without_yield, THREADS);
    for (int i = 0; i < 3; i++)
        sys_sched_yield();
    for (uint32_t i = 0; i < THREADS; i++)
        while (!turns_of(i))
            clock_sleep(MILLISECONDS);
    stop_all(THREADS);
    CHECK(clock_now() - begin < 10ull * NANOSECONDS);
}

/* With no affinity, as many spinners as CPUs all run at the same time. */
static void spread(uint32_t cpus)
{
    uint32_t all = 0xffffffff, others = cpus - 1, seen = 0, at_once = 0;
    struct abi_cpu cpu;

    CHECK_EQUAL(sys_sched_setaffinity(0, sizeof(all), &all), 0);
    others = others > THREADS ? THREADS : others;
    start_all(count_without_yield, others);
    for (int tries = 0; tries < 500 && at_once < others; tries++) {
        clock_sleep(2 * MILLISECONDS);
        at_once = 0;
        for (seen = 0; query_row(QUERY_CPUS, seen, &cpu, sizeof(cpu)); seen++)
            for (uint32_t i = 0; i < others; i++)
                at_once += cpu.current_tid == threads[i].running;
    }
    CHECK_EQUAL_IN("spinning threads that run at once", at_once, others);
    stop_all(others);
}

int main(int argc, char **argv)
{
    (void)argc, (void)argv;
    CHECK_EQUAL(sys_sched_yield(), 0);
    in_turn();
    preempted();
    spread(system_read().cpus);
    return check_result();
}
