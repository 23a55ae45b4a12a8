/* SPDX-License-Identifier: MIT */
/*
 * Children of an ended task go to task 1, which hears of those that have ended
 * already, whichever of its threads waits for what. Task 1 here is this test:
 * one thread waits for a child that does not end, then the main one for any.
 *
 * run: cpus=1,2,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/syscall.h"
#include "user/lib/thread.h"

#define STEP (50ull * MILLISECONDS)

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct thread thread;
static int sleeper;

static int wait_for_sleeper(void *argument)
{
    int status;

    (void)argument;
    sys_wait4(sleeper, &status, 0, NULL);
    return 0;
}

/* The grandparent outlives the test; the parent ends after its child. */
static int descendant(char generation)
{
    switch (generation) {
    case 'g':
        program_start_self("p", NULL);
        clock_sleep(9999 * STEP);
        break;
    case 'p':
        program_start_self("c", NULL);
        clock_sleep(5 * STEP);
        break;
    case 'c':
        clock_sleep(STEP);
        break;
    default:
        clock_sleep(9999 * STEP);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int status = -1;

    if (argc > 1)
        return descendant(argv[1][0]);
    sleeper = program_start_self("s", NULL);
    CHECK(sleeper > 0);
    int grandparent = program_start_self("g", NULL);
    CHECK(grandparent > 0);
    CHECK(thread_start(&thread, wait_for_sleeper, NULL, stack, sizeof(stack)) >
          0);
    clock_sleep(STEP);
    /* The parent is a child of the grandparent: only the child comes here. */
    int child = sys_wait4(-1, &status, 0, NULL);
    CHECK(child > 0 && child != sleeper && child != grandparent);
    CHECK_EXIT("the orphan's status", status, 0);
    return check_result();
}
