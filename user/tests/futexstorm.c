/* SPDX-License-Identifier: MIT */
/*
 * Futexes under a storm: threads wait on a few words for very short times,
 * wake, and move each other from word to word, so that wake-ups, time-outs and
 * moves meet at the same instant. What must hold: each wake-up that a call
 * counted is one wait that returned 0, no more, no less.
 *
 * run: cpus=1,2,4 mem=64M
 */
#include "kernel/abi/linux_thread.h"
#include "user/lib/check.h"
#include "user/lib/start.h"
#include "user/lib/syscall.h"
#include "user/lib/thread.h"

#define THREADS     12
#define ROUNDS      400
#define WORDS       3
#define STACK_BYTES 4096
#define TIME_NS     20000 /* what a wait may last, at most eight times this */

static uint8_t stacks[THREADS][STACK_BYTES] __attribute__((aligned(16)));
static struct thread threads[THREADS];
static uint32_t seeds[THREADS];
static uint32_t words[WORDS]; /* always 0 */
static uint32_t wakes, woken, expired, moved, wrong;

static int futex(uint32_t *word, uint32_t operation, uint32_t value,
                 uintptr_t value2, uint32_t *word2)
{
    const uint32_t arguments[6] = {(uintptr_t)word, operation,        value,
                                   value2,          (uintptr_t)word2, 0};
    return system_call(SYS_futex, arguments);
}

static uint32_t random_below(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525 + 1013904223; /* Numerical Recipes */
    return (*seed >> 16) % n;
}

static void count(uint32_t *sum, int result)
{
    __atomic_fetch_add(result < 0 ? &wrong : sum,
                       result < 0 ? 1 : (uint32_t)result, __ATOMIC_RELAXED);
}

static void wait(uint32_t *word, uint32_t ns)
{
    const struct abi_timespec32 time = {0, (int32_t)ns};
    int result = futex(word, ABI_FUTEX_WAIT, 0, (uintptr_t)&time, NULL);
    if (result == 0)
        count(&woken, 1);
    else if (result == -ETIMEDOUT)
        count(&expired, 1);
    else
        count(&wrong, 1);
}

static int storm(void *argument)
{
    uint32_t *seed = argument;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t *word = &words[random_below(seed, WORDS)];
        uint32_t *other = &words[random_below(seed, WORDS)];
        switch (random_below(seed, 4)) {
        case 0:
            count(&wakes, futex(word, ABI_FUTEX_WAKE, 2, 0, NULL));
            break;
        case 1:
            count(&moved, futex(word, ABI_FUTEX_REQUEUE, 0, 3, other));
            break;
        default:
            wait(word, TIME_NS * (1 + random_below(seed, 8)));
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;

    for (uint32_t i = 0; i < THREADS; i++) {
        seeds[i] = i + 1;
        CHECK(thread_start(&threads[i], storm, &seeds[i], stacks[i],
                           STACK_BYTES) > 0);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_wait(&threads[i]);
    threads_wait_gone();
    CHECK_EQUAL(wakes, woken);
    CHECK_EQUAL(wrong, 0);
    CHECK(woken > 0);
    CHECK(expired > 0);
    CHECK(moved > 0);
    return check_result();
}
