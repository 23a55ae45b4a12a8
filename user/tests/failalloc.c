/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of an operation fails once: for N = 1, 2, ... the Nth from
 * now on is refused, until the operation gets through with none refused. Each
 * refusal must come back as ENOMEM, or be made good by trying again where a
 * program only touches memory, and leave nothing behind. One CPU, so that the
 * refusal hits the operation and not somebody else.
 *
 * run: cpus=1 mem=64M
 */
#include "kernel/abi/linux.h"
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
    return status;
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
    /* The heap continues an area: giving a part back divides it. */
    return sys_brk(start) == start ? 0 : -ENOMEM;
}

/*
 * Refuse the first, second ... allocation; how many refusals there were. Each
 * is tried twice: a slab that the first attempt leaves behind makes all later
 * allocations come one earlier, and one would be passed over.
 */
static uint32_t refuse_each(const char *what, operation run)
{
    for (uint32_t i = 0; i < 2 * MOST; i++) {
        sys_fail_alloc(i / 2 + 1);
        int result = run();
        /* Not 0: that many were still to come, so none was refused. */
        if (sys_fail_alloc(0) != 0) {
            CHECK_EQUAL_IN(what, result, 0);
            return i / 2;
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

/* Faults try again: what is refused once is found the next time. */
static int touch(void)
{
    uint32_t flags = ABI_MAP_PRIVATE | ABI_MAP_ANONYMOUS;
    int32_t at = sys_mmap2(0, 16 * PAGE_BYTES, 3, flags, -1, 0);

    if ((uint32_t)at > 0xfffff000)
        return at;
    for (uint32_t i = 0; i < 16; i++)
        ((volatile uint8_t *)at)[i * PAGE_BYTES] = 1;
    return sys_munmap((uint32_t)at, 16 * PAGE_BYTES);
}

/* The forked child exits at once; its copies of pages may be refused, too. */
static int fork_and_wait(void)
{
    int status;
    int tid = sys_fork();

    if (tid == 0)
        sys_exit_group(0);
    if (tid < 0)
        return tid;
    return sys_wait4(tid, &status, 0, NULL) == tid ? status : -EIO;
}

/* Of each thing a second one: what was freed twice is found by now. */
static int fork_in_fork(void)
{
    int status = 0;
    int tid = sys_fork();

    if (tid == 0)
        sys_exit_group(fork_and_wait());
    sys_wait4(tid, &status, 0, NULL);
    return tid < 0 ? tid : status;
}

/* Areas over a quarter's border, a division, a move, and their ends. */
static int map(void)
{
    const uint32_t start = 0x7fffe000, bytes = 4 * PAGE_BYTES;
    int32_t at =
        sys_mmap2(start, bytes, 3, ABI_MAP_PRIVATE | ABI_MAP_ANONYMOUS, -1, 0);

    if ((uint32_t)at != start)
        return at;
    int error = sys_mprotect(start + PAGE_BYTES, PAGE_BYTES, 1);
    if (!error) {
        at = sys_mremap(start, PAGE_BYTES, 2 * PAGE_BYTES, 1, 0);
        error = (uint32_t)at > 0xfffff000 ? at : 0;
        if (!error)
            sys_munmap((uint32_t)at, 2 * PAGE_BYTES);
    }
    return sys_munmap(start, bytes) ? -EIO : error;
}

/* A child that execs itself, or says by its status why it cannot. */
static int exec_in_child(void)
{
    char *argv[] = {"failalloc", "--nothing", NULL}, *envp[] = {NULL};
    int status = 0;
    int tid = sys_fork();

    if (tid == 0)
        sys_exit_group(-sys_execve("/proc/self/exe", argv, envp));
    if (tid < 0)
        return tid;
    if (sys_wait4(tid, &status, 0, NULL) != tid)
        return -EIO;
    return -(status >> 8);
}

int main(int argc, char **argv)
{
    (void)argv;
    /* A child must not touch the countdown. */
    if (argc > 1)
        return 0;
    if (sys_fail_alloc(0) == -ENOSYS) {
        printf("this kernel cannot refuse allocations: nothing to test\n");
        return 0;
    }
    check_operation("spawn", spawn);
    check_operation("clone", clone);
    check_operation("brk", grow);
    check_operation("touch", touch);
    check_operation("fork", fork_and_wait);
    check_operation("map", map);
    check_operation("execve", exec_in_child);
    /* With handles that need a table of their own. */
    CHECK_EQUAL(sys_dup2(1, 100), 100);
    check_operation("fork with handles", fork_and_wait);
    CHECK_EQUAL(fork_in_fork(), 0);
    return check_result();
}
