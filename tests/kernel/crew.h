/* SPDX-License-Identifier: MIT */
/*
 * A crew of kernel threads for tests that need several tasks or CPUs at once:
 * each runs body(index), and crew_join() returns when all of them are gone,
 * stack and structure included, so that frames can be counted. A crew that
 * does not end in time (a lost wake-up, a lock never released) is a failed
 * check and not a hang. Its record is static: no other task may follow a
 * pointer to a kernel stack. Each file that includes this has its own.
 */
#pragma once

#include "kernel/cpu.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "tests/kernel/fuzz.h"
#include "tests/kernel/selftest.h"

#define CREW_MAX     80
#define CREW_WAIT_NS 20000000000ull
#define CREW_POLL_NS 50000u
#define CREW_TIME_NS 40000000u

static struct {
    void (*body)(uint32_t index);
    uint32_t count;                /* started and not joined */
    uint32_t there, ended, errors; /* atomic */
    uint64_t enough;               /* when loops should end */
    uint32_t tid[CREW_MAX];
} crew;

static inline void crew_member(void *argument)
{
    uint32_t index = (uintptr_t)argument;
    crew.tid[index] = current_task()->tid;
    crew.body(index);
    __atomic_fetch_add(&crew.ended, 1, __ATOMIC_SEQ_CST);
}

/* In a body, in place of CHECK: crew_join() is false then. */
#define CREW_CHECK(condition)                                              \
    do {                                                                   \
        if (!(condition) &&                                                \
            !__atomic_fetch_add(&crew.errors, 1, __ATOMIC_SEQ_CST))        \
            log_warn("%s:%d: not so: %s", __FILE__, __LINE__, #condition); \
    } while (0)

/*
 * The condition of loops that many CPUs fight in: where an emulator has more
 * CPUs than its host, a fair lock can take milliseconds to change hands.
 */
static inline bool crew_goes_on(void)
{
    return clock_ns() < crew.enough;
}

/*
 * Whether `condition` comes true before the time is over. May sleep; yields,
 * too: a sleep may be over before it began if the emulator lets other CPUs run
 * meanwhile, and then whoever waits for this CPU would never get it.
 */
#define comes_true(condition)                                        \
    ({                                                               \
        uint64_t give_up_ = clock_ns() + CREW_WAIT_NS;               \
        bool is_true_;                                               \
        while (!(is_true_ = (condition)) && clock_ns() < give_up_) { \
            time_sleep_until(clock_ns() + CREW_POLL_NS);             \
            sched_yield_cpu();                                       \
        }                                                            \
        is_true_;                                                    \
    })

/* The same for threads that are to keep their CPU busy: yields, no sleep. */
#define comes_true_busy(condition)                                 \
    ({                                                             \
        uint64_t give_up_ = clock_ns() + CREW_WAIT_NS;             \
        bool is_true_;                                             \
        while (!(is_true_ = (condition)) && clock_ns() < give_up_) \
            sched_yield_cpu();                                     \
        is_true_;                                                  \
    })

static inline uint32_t atomic_get(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void atomic_put(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static inline uint32_t atomic_add(uint32_t *word, uint32_t n)
{
    return __atomic_fetch_add(word, n, __ATOMIC_SEQ_CST);
}

/* Start `count` threads; false, with none left, if memory is out. */
static inline bool crew_join(void);
static inline bool crew_start(uint32_t count, void (*body)(uint32_t index))
{
    if (crew.count || count > CREW_MAX)
        return false; /* an earlier crew never came home */
    crew.body = body;
    crew.there = crew.ended = crew.errors = 0;
    crew.enough = clock_ns() + CREW_TIME_NS;
    crew.count = count; /* the threads may read it */
    for (uint32_t i = 0; i < count; i++)
        if (task_start_kernel("crew", crew_member, (void *)(uintptr_t)i)) {
            crew.count = i;
            crew_join();
            return false;
        }
    return true;
}

static inline bool crew_is_gone(void)
{
    cpu_mask mask;
    if (atomic_get(&crew.ended) < crew.count)
        return false;
    for (uint32_t i = 0; i < crew.count; i++)
        if (task_affinity(crew.tid[i], &mask) == 0)
            return false;
    return true;
}

/* Wait until all are gone; false if one is not, or a CREW_CHECK failed. */
static inline bool crew_join(void)
{
    if (!comes_true(crew_is_gone())) {
        log_warn("%u of %u threads do not end", crew.count - crew.ended,
                 crew.count);
        return false;
    }
    crew.count = 0;
    return crew.errors == 0;
}

static inline bool crew_run(uint32_t count, void (*body)(uint32_t index))
{
    return crew_start(count, body) && crew_join();
}

static inline uint32_t cpus_running(void)
{
    struct cpu *cpu;
    uint32_t count = 0;
    for_each_cpu (cpu)
        count++;
    return count;
}

/* The index of the nth running CPU, counted round and round. */
static inline uint32_t nth_cpu(uint32_t n)
{
    struct cpu *cpu;
    n %= cpus_running();
    for_each_cpu (cpu)
        if (n-- == 0)
            return cpu->index;
    return 0;
}

/* Go to the nth running CPU and stay there; returns the old affinity. */
static inline cpu_mask stay_on(uint32_t n)
{
    cpu_mask before = ~(cpu_mask)0;
    uint32_t cpu = nth_cpu(n);
    task_affinity(0, &before);
    task_set_affinity(0, 1u << cpu);
    while (this_cpu()->index != cpu)
        sched_yield_cpu();
    return before;
}

/*
 * The same for a crew's thread that somebody waits for without yielding: such
 * a one must see crew_is_there() first, or it may keep the thread from running.
 */
static inline void be_on(uint32_t n)
{
    stay_on(n);
    atomic_add(&crew.there, 1);
}

static inline bool crew_is_there(void)
{
    return comes_true(atomic_get(&crew.there) == crew.count);
}
