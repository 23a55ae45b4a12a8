/* SPDX-License-Identifier: MIT */
/*
 * The two ends of an MM (mm/mm.h) far apart: a task has left its MM and stands
 * on its CPU's global stack, its own stack not freed, its MM still loaded. In
 * that instant somebody else, who looked into the MM from outside, turns out to
 * be its last user and takes all its areas and tables down. The task must not
 * lose what it stands in, and what it still holds goes with it.
 *
 * The held CPU serves calls, as it would at each lock that it waits for.
 */
#ifdef DEBUG

#include "kernel/abi/errno.h"
#include "kernel/call.h"
#include "kernel/exec.h"
#include "kernel/initrd.h"
#include "kernel/stop.h"
#include "mm/kva.h"
#include "mm/mm.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"

#define PROGRAM "/bin/echo"

static struct {
    struct mm *mm;
    uint32_t held, go; /* atomic */
    bool stayed;       /* its MM, after all calls were served */
} life;

static void serve_calls(void)
{
    uint64_t give_up = clock_ns() + CREW_WAIT_NS;
    atomic_put(&life.held, 1);
    while (!atomic_get(&life.go) && clock_ns() < give_up) {
        call_serve_while_waiting();
        cpu_pause();
    }
    life.stayed = this_cpu()->mm == life.mm;
}

/* A kernel thread: as page-out would, but it may be the last user. */
static void leave_last(uint32_t index)
{
    (void)index;
    mm_leave(life.mm);
    const struct page_tables *tables = &life.mm->tables;
    CREW_CHECK(life.mm->users == 0 && life.mm->holders == 1);
    CREW_CHECK(tables->tables == 0 && life.mm->cpus);
    for (uint32_t q = 0; q < USER_QUARTERS; q++)
        CREW_CHECK(!life.mm->quarter[q]->areas);
    atomic_put(&life.go, 1);
}

static int spawn(void)
{
    static const char strings[] = "echo\0an end";
    struct exec_strings s = {.buffer = kva_alloc(1, FRAME_ANY),
                             .pages = 1,
                             .used = sizeof(strings),
                             .arguments = 2};
    if (!s.buffer)
        return -ENOMEM;
    memcpy(s.buffer, strings, sizeof(strings));
    return exec_spawn(PROGRAM, &s);
}

static bool end_apart(void)
{
    struct wait_request request = {0};
    life.held = life.go = 0;
    life.stayed = false;
    stay_on(1);
    stop_arm(STOP_stack_left, this_cpu()->bit, serve_calls);
    /* It is to run here, and cannot before we go. */
    int tid = spawn();
    life.mm = tid > 0 ? task_mm((uint32_t)tid) : NULL;
    stay_on(0);
    bool ok = life.mm && comes_true(atomic_get(&life.held));
    ok = ok && life.mm->users == 1 && life.mm->holders == 2;
    if (ok)
        ok = crew_run(1, leave_last);
    atomic_put(&life.go, 1);
    stop_release(STOP_stack_left);
    request.tid = tid;
    ok &= tid > 0 && task_wait(&request) == tid && !request.status;
    return ok && life.stayed;
}

SELFTEST_IN_MM(mm_ends_apart,
               "an MM loses its last user under a task that leaves")
{
    struct source file;
    uint32_t mode;
    if (cpus_running() < 2 || initrd_find(PROGRAM, &file, &mode))
        return;
    cpu_mask before = stay_on(0);
    bool ok = end_apart();
    uint64_t frames = frames_free_settled();
    for (uint32_t i = 0; i < 3; i++)
        ok &= end_apart();
    ok &= frames_free_settled() == frames;
    task_set_affinity(0, before);
    CHECK(ok);
}

#endif
