/* SPDX-License-Identifier: MIT */
/*
 * How a program ends is what its parent reads: every exit status, cut to eight
 * bits; exit_group() ends threads that spin, sleep or yield; after exit() of
 * the first thread the others go on, and the program ends with the last, whose
 * status counts (Linux since 5.18).
 *
 * run: cpus=1,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define THREADS 3
static uint8_t stacks[THREADS][8192] __attribute__((aligned(16)));
static struct thread threads[THREADS];

static int spin(void *argument)
{
    (void)argument;
    for (;;)
        __asm__ volatile("pause");
    return 0;
}

static int sleep_long(void *argument)
{
    (void)argument;
    clock_sleep(1000ull * NANOSECONDS);
    return 0;
}

static int yield_forever(void *argument)
{
    (void)argument;
    for (;;)
        sys_sched_yield();
    return 0;
}

static int end_group(void *argument)
{
    (void)argument;
    clock_sleep(20 * MILLISECONDS);
    sys_exit_group(6);
}

static int end_later(void *argument)
{
    (void)argument;
    clock_sleep(50 * MILLISECONDS);
    return 9;
}

static int crash(void *argument)
{
    (void)argument;
    clock_sleep(20 * MILLISECONDS);
    __asm__ volatile("ud2");
    return 0;
}

static void start(int index, thread_function function)
{
    thread_start(&threads[index], function, NULL, stacks[index],
                 sizeof(stacks[index]));
}

/* What the child does; returns its exit status. */
static int child(const char *what)
{
    uint32_t status;

    if (string_to_number(what, &status))
        return (int)status;
    start(0, spin);
    start(1, sleep_long);
    start(2, yield_forever);
    clock_sleep(20 * MILLISECONDS);
    if (strcmp(what, "crash") == 0)
        __asm__ volatile("ud2");
    return 7; /* main's return is exit_group */
}

static int child_of_threads(const char *what)
{
    if (strcmp(what, "thread-ends-group") == 0)
        start(0, end_group);
    else if (strcmp(what, "thread-crashes") == 0)
        start(0, crash);
    else
        start(0, end_later);
    if (strcmp(what, "first-exits") == 0)
        sys_exit(5);
    for (;;)
        sys_sched_yield();
}

int main(int argc, char **argv)
{
    char number[12];

    if (argc == 2)
        return child(argv[1]);
    if (argc == 3)
        return child_of_threads(argv[2]);
    for (int i = 0; i < 256; i++) {
        format_to(number, sizeof(number), "%d", i);
        CHECK_EXIT(number, program_run_self(number, NULL), i);
    }
    CHECK_EXIT("0x1234", program_run_self("0x1234", NULL), 0x34);

    uint32_t frames = check_frames_at_rest();
    CHECK_EXIT("exit_group among threads", program_run_self("group", NULL), 7);
    CHECK_KILLED("a crash among threads", program_run_self("crash", NULL),
                 ABI_SIGILL);
    CHECK_EXIT("a thread's exit_group",
               program_run_self("threads", "thread-ends-group", NULL), 6);
    CHECK_KILLED("a thread's crash",
                 program_run_self("threads", "thread-crashes", NULL),
                 ABI_SIGILL);
    uint64_t begin = clock_now();
    CHECK_EXIT("the first thread's exit",
               program_run_self("threads", "first-exits", NULL), 9);
    CHECK(clock_now() - begin >= 50ull * MILLISECONDS);
    CHECK_FRAMES(frames);
    return check_result();
}
