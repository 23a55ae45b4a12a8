/* SPDX-License-Identifier: MIT */
/*
 * Threads of one MM on all CPUs: they share memory, atomically where asked, see
 * each other's writes, keep their own stack, number and FPU/SSE registers
 * across switches, and leave no frame behind.
 *
 * run: cpus=1,2,4,8 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define THREADS     24
#define ADDITIONS   2000
#define TURNS       200
#define STACK_BYTES 4096

static uint8_t stacks[THREADS][STACK_BYTES] __attribute__((aligned(16)));
static struct thread threads[THREADS];
static uint32_t numbers[THREADS];

static void start_all(thread_function function)
{
    for (uint32_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(thread_start(&threads[i], function, &numbers[i], stacks[i],
                           STACK_BYTES) > 0);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_wait(&threads[i]);
    threads_wait_gone();
}

/* 1. A shared counter: no addition is lost. */
static uint32_t total;

static int add(void *argument)
{
    (void)argument;
    for (uint32_t i = 0; i < ADDITIONS; i++) {
        __atomic_fetch_add(&total, 1, __ATOMIC_RELAXED);
        if (i % 64 == 0)
            sys_sched_yield();
    }
    return 0;
}

/* 2. A word goes round: each thread waits to see its predecessor's write. */
static uint32_t baton;

static int pass_on(void *argument)
{
    uint32_t mine = *(uint32_t *)argument;

    for (uint32_t turn = 0; turn < TURNS; turn++) {
        uint32_t wanted = turn * THREADS + mine;
        while (__atomic_load_n(&baton, __ATOMIC_ACQUIRE) != wanted)
            sys_sched_yield();
        __atomic_store_n(&baton, wanted + 1, __ATOMIC_RELEASE);
    }
    return 0;
}

/* 3. One group, but each thread a number of its own. */
static uint32_t tids[THREADS];
static uint32_t wrong;
static int group;

static int identify(void *argument)
{
    uint32_t mine = *(uint32_t *)argument;

    tids[mine] = (uint32_t)sys_gettid();
    /* The word that the kernel set before the thread ran, and the group. */
    if (threads[mine].running != tids[mine] || sys_getpid() != group)
        __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    return 0;
}

static void check_numbers(void)
{
    uint32_t same = 0;

    group = sys_getpid();
    start_all(identify);
    for (uint32_t i = 0; i < THREADS; i++)
        for (uint32_t j = 0; j < i; j++)
            same += tids[i] == tids[j];
    CHECK_EQUAL_IN("threads with the same number", same, 0);
    CHECK_EQUAL_IN("threads with a wrong number or group", wrong, 0);
}

/* 4. Registers of the FPU and of SSE, with more threads than CPUs. */
static uint32_t spoiled;
static bool have_sse;

struct registers {
    uint32_t xmm[8][4];
    uint64_t x87[4];
};

static void load_registers(const struct registers *r)
{
    if (have_sse)
        __asm__ volatile(
            "movups (%0), %%xmm0; movups 16(%0), %%xmm1;"
            "movups 32(%0), %%xmm2; movups 48(%0), %%xmm3;"
            "movups 64(%0), %%xmm4; movups 80(%0), %%xmm5;"
            "movups 96(%0), %%xmm6; movups 112(%0), %%xmm7" ::"r"(r->xmm)
            : "memory");
    __asm__ volatile("fninit; fildll (%0); fildll 8(%0); fildll 16(%0);"
                     "fildll 24(%0)" ::"r"(r->x87)
                     : "memory");
}

static void store_registers(struct registers *r)
{
    if (have_sse)
        __asm__ volatile(
            "movups %%xmm0, (%0); movups %%xmm1, 16(%0);"
            "movups %%xmm2, 32(%0); movups %%xmm3, 48(%0);"
            "movups %%xmm4, 64(%0); movups %%xmm5, 80(%0);"
            "movups %%xmm6, 96(%0); movups %%xmm7, 112(%0)" ::"r"(r->xmm)
            : "memory");
    __asm__ volatile("fistpll 24(%0); fistpll 16(%0); fistpll 8(%0);"
                     "fistpll (%0)" ::"r"(r->x87)
                     : "memory");
}

static int keep_registers(void *argument)
{
    uint32_t mine = *(uint32_t *)argument;
    struct registers before, after;

    memset(&before, 0, sizeof(before));
    for (uint32_t i = 0; have_sse && i < 32; i++)
        before.xmm[i / 4][i % 4] = mine * 1000003 + i;
    for (uint32_t i = 0; i < 4; i++)
        before.x87[i] = (uint64_t)mine << 32 | (i + 1) * 77777;
    for (uint32_t turn = 0; turn < TURNS; turn++) {
        memset(&after, 0, sizeof(after));
        load_registers(&before);
        if (turn % 2)
            sys_sched_yield();
        else /* let the timer do it */
            for (volatile uint32_t i = 0; i < 2000; i++)
                ;
        store_registers(&after);
        if (memcmp(&before, &after, sizeof(before)) != 0)
            __atomic_fetch_add(&spoiled, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

static bool cpu_has_sse(void)
{
    uint32_t a = 1, b, c, d;

    __asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    return d & (1u << 25);
}

/* 5. clone() refuses what it cannot do. */
static void bad_clones(void)
{
    uint32_t thread_without_memory[6] = {ABI_CLONE_THREAD};

    CHECK_EQUAL(system_call(SYS_clone, thread_without_memory), -EINVAL);
}

int main(int argc, char **argv)
{
    (void)argc, (void)argv;
    have_sse = cpu_has_sse();
    start_all(add); /* once uncounted: the stacks' frames come in */

    uint32_t frames = check_frames_at_rest();
    total = 0;
    start_all(add);
    CHECK_EQUAL(total, THREADS * ADDITIONS);
    start_all(pass_on);
    CHECK_EQUAL(baton, THREADS * TURNS);
    check_numbers();
    start_all(keep_registers);
    CHECK_EQUAL_IN("times that registers changed", spoiled, 0);
    bad_clones();
    CHECK_FRAMES(frames);
    return check_result();
}
