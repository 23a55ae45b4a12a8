/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of an operation fails once: for N = 1, 2, ... the Nth from
 * now on is refused, until the operation gets through with none refused. Each
 * refusal must come back as ENOMEM (or, for memory that a program touches, end
 * that program), and leave nothing behind. One CPU, so that the refusal hits
 * the operation and not somebody else.
 *
 * run: cpus=1 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/memory.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define MOST 500u /* allocations that one operation may need */

/* An operation returns 0, or the negative error of the call it made. */
typedef int (*operation)(void);

static int end_well(int pid)
{
    int status = 0;

    if (pid < 0)
        return pid;
    int result = sys_wait4(pid, &status, 0, NULL);
    if (result < 0)
        return result;
    /* A refusal that hit the child while it touched its memory kills it. */
    return status == 0 ? 0 : -ENOMEM;
}

static int spawn(void)
{
    return end_well(program_start_self("--nothing", NULL));
}

static int thread_body(void *argument)
{
    *(volatile uint32_t *)argument = 1;
    return 0;
}

static int clone(void)
{
    static uint8_t stack[8192] __attribute__((aligned(16)));
    static struct thread thread;
    static volatile uint32_t ran;

    int tid =
        thread_start(&thread, thread_body, (void *)&ran, stack, sizeof(stack));
    if (tid < 0)
        return tid;
    thread_wait(&thread);
    threads_wait_gone();
    return 0;
}

static int grow(void)
{
    uint32_t start = sys_brk(0), end = start + 16 * PAGE_BYTES;

    if (sys_brk(end) != end)
        return -ENOMEM;
    return sys_brk(start) == start ? 0 : -EIO;
}

/* Refuse the first, second ... allocation; how many refusals there were. */
static uint32_t refuse_each(const char *what, operation run)
{
    for (int n = 1; (uint32_t)n <= MOST; n++) {
        sys_fail_alloc((uint32_t)n);
        int result = run();
        /* Not 0: that many were still to come, so none was refused. */
        if (sys_fail_alloc(0) != 0) {
            CHECK_EQUAL_IN(what, result, 0);
            return (uint32_t)n - 1;
        }
        if (result != 0)
            CHECK_EQUAL_IN(what, result, -ENOMEM);
    }
    printf("%s: still refused after %u allocations\n", what, MOST);
    CHECK(false);
    return MOST;
}

static void check_operation(const char *what, operation run)
{
    CHECK_EQUAL_IN(what, run(), 0); /* slabs and tables that stay */
    uint32_t frames = check_frames_at_rest();
    uint32_t refusals = refuse_each(what, run);
    printf("%s: refused at %u places\n", what, refusals);
    CHECK_FRAMES(frames);
    CHECK_EQUAL_IN(what, run(), 0);
}

/* A child that touches memory while the Nth allocation is refused. */
static int touch(uint32_t n)
{
    volatile uint8_t *pages = memory_pages(16);

    sys_fail_alloc(n);
    for (uint32_t i = 0; i < 16; i++)
        pages[i * PAGE_BYTES] = 1;
    return sys_fail_alloc(0) == 0 ? 1 : 0;
}

static void check_touch(void)
{
    char number[12];
    int status = -1, killed = 0;

    for (int n = 1; n <= 64 && status != 0; n++) {
        format_to(number, sizeof(number), "%d", n);
        status = program_run_self(number, NULL);
        sys_fail_alloc(0);
        if (status > 0 && !status_exited(status))
            killed++;
        else
            CHECK_EQUAL_IN("touching, status", status, 0);
    }
    printf("touching: killed at %d places\n", killed);
    CHECK(killed >= 16 && status == 0);
}

int main(int argc, char **argv)
{
    uint32_t n;

    /* A child must not touch the countdown before it is told to. */
    if (argc > 1)
        return string_to_number(argv[1], &n) ? touch(n) : 0;
    if (sys_fail_alloc(0) == -ENOSYS) {
        printf("this kernel cannot refuse allocations: nothing to test\n");
        return 0;
    }
    check_operation("spawn", spawn);
    check_operation("clone", clone);
    check_operation("brk", grow);
    check_touch();
    return check_result();
}
