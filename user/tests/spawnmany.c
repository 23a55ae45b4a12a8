/* SPDX-License-Identifier: MIT */
/*
 * Many tasks come and go, several at a time, and leave nothing behind: no
 * frame, no task, no MM. The first argument is how many (10,000), the second
 * how many at once (8). A first lot is not counted: it lets the slabs and the
 * caches of the CPUs grow to their working size.
 *
 * run: cpus=1 mem=64M
 * run: cpus=4 mem=512M args="2000 16"
 */
#include "user/lib/check.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"

static uint32_t tasks_now(void)
{
    struct abi_task task;
    uint32_t count = 0;

    while (query_row(QUERY_TASKS, count, &task, sizeof(task)))
        count++;
    return count;
}

/* Start `count` children, at most `at_once` alive at any moment. */
static bool spawn_many(uint32_t count, uint32_t at_once)
{
    uint32_t started = 0, alive = 0;
    int status;

    while (started < count || alive) {
        if (started < count && alive < at_once) {
            int pid = program_start_self("--child", NULL);
            if (!CHECK(pid > 0)) {
                printf("child %u: error %d\n", started, -pid);
                return false;
            }
            started++;
            alive++;
        } else {
            int pid = sys_wait4(-1, &status, 0, NULL);
            if (pid <= 0 || status != 7 << 8)
                return CHECK_EXIT("child", pid < 0 ? pid : status, 7);
            alive--;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    uint32_t count = 10000, at_once = 8;

    if (argc > 1 && strcmp(argv[1], "--child") == 0)
        return 7;
    if ((argc > 1 && !string_to_number(argv[1], &count)) ||
        (argc > 2 && !string_to_number(argv[2], &at_once)) || !at_once) {
        printf("usage: spawnmany [COUNT [AT_ONCE]]\n");
        return 2;
    }
    if (!spawn_many(4 * at_once, at_once))
        return check_result();

    uint32_t frames = check_frames_at_rest(), tasks = tasks_now();
    uint64_t created = counter_read("tasks_created");
    spawn_many(count, at_once);
    CHECK_FRAMES(frames);
    CHECK_EQUAL(tasks_now(), tasks);
    CHECK_EQUAL(counter_read("tasks_created") - created, count);
    return check_result();
}
