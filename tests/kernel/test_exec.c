/* SPDX-License-Identifier: MIT */
/*
 * Starting programs: errors are told apart, memory may run out anywhere, and a
 * program that has ended leaves nothing behind. The programs are those of the
 * initrd; with another one these tests have nothing to run and say so.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/exec.h"
#include "kernel/initrd.h"
#include "mm/fail.h"
#include "mm/kva.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"

/* A program that ends with the number it is given. */
#define PROGRAM "/bin/sh"

static bool is_missing(const char *test)
{
    struct source file;
    uint32_t mode;
    if (initrd_find(PROGRAM, &file, &mode) == 0)
        return false;
    log_info("%s: left out, there is no %s", test, PROGRAM);
    return true;
}

/* Three arguments, one variable. -ENOMEM without memory. */
static int spawn(const char *path)
{
    static const char strings[] = "sh\0-c\0exit 7\0A=b";
    struct exec_strings s = {.buffer = kva_alloc(1, FRAME_ANY),
                             .pages = 1,
                             .used = sizeof(strings),
                             .arguments = 3,
                             .variables = 1};
    if (!s.buffer)
        return -ENOMEM;
    memcpy(s.buffer, strings, sizeof(strings));
    return exec_spawn(path, &s);
}

/* Wait for a child; its exit code, or -1. */
static int exit_code(int tid)
{
    struct wait_request request = {.tid = tid};
    if (task_wait(&request) != tid)
        return -1;
    return request.status & 0x7f ? -1 : (int)(request.status >> 8);
}

SELFTEST_IN_MM(exec_program, "a program runs, ends, and leaves no frame behind")
{
    if (is_missing("exec_program"))
        return;
    uint64_t before = frames_free_settled();
    for (uint32_t i = 0; i < 5; i++) {
        int tid = spawn(PROGRAM);
        CHECK(tid > 1 && exit_code(tid) == 7);
        CHECK(frames_free_settled() == before);
    }
    struct wait_request any = {.tid = -1, .options = ABI_WNOHANG};
    CHECK(task_wait(&any) == -ECHILD);
}

SELFTEST_IN_MM(exec_errors, "what cannot be run is refused and leaves no trace")
{
    uint64_t before = frames_free_settled();
    CHECK(spawn("/no/such/file") == -ENOENT);
    CHECK(spawn("/") == -ENOENT || spawn("/") == -EACCES);
    if (is_missing("exec_errors"))
        return;
    CHECK(spawn("/bin") == -EACCES);
    CHECK(spawn("/welcome.txt") == -EACCES);
    CHECK(frames_free_settled() == before);
}

SELFTEST_IN_MM(exec_fails,
               "memory may run out at any point of starting a program")
{
    if (is_missing("exec_fails"))
        return;
    /* The program inherits that, so it does not run before we have looked. */
    cpu_mask affinity = stay_on(0);
    uint64_t before = frames_free_settled();
    uint32_t n = 1;
    bool ok = true, failed = true;
    for (; n < 200 && ok && failed; n++) {
        memory_settle();
        fail_set(n);
        int tid = spawn(PROGRAM);
        failed = fail_set(0) == 0;
        ok = failed ? tid == -ENOMEM : tid > 1 && exit_code(tid) == 7;
        ok &= frames_free_settled() == before;
    }
    task_set_affinity(0, affinity);
    CHECK(ok && !failed && n > 15);
}
