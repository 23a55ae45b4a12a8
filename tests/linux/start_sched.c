/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's calls: affinity and its sizes, getcpu, policies and their
 * priorities, parameters, what a child takes over, yield, and errors.
 */
#include "oracle.h"
#include <sched.h>

static uint8_t all[1024], now[1024];

static int bits(const uint8_t *mask)
{
    int count = 0;

    for (int i = 0; i < 1024; i++)
        count += __builtin_popcount(mask[i]);
    return count;
}

static int child_affinity(void *argument)
{
    (void)argument;
    call(__NR_sched_getaffinity, 0, sizeof(now), now);
    return bits(now);
}

static void affinity(void)
{
    long size = call(__NR_sched_getaffinity, 0, sizeof(all), all);
    uint8_t one[1024] = {0};
    unsigned cpu = 77, node = 77, there = 77;

    check("getaffinity: words", size >= 4 && size % 4 == 0);
    check("  at least one CPU", bits(all) >= 1);
    expect("getcpu", call(__NR_getcpu, &cpu, &node, NULL), 0);
    check("  an allowed CPU", all[cpu / 8] & 1 << cpu % 8);
    expect("  node", node, 0);
    one[cpu / 8] = (uint8_t)(1 << cpu % 8);
    expect("setaffinity to it", call(__NR_sched_setaffinity, 0, 4, one), 0);
    call(__NR_sched_getaffinity, 0, sizeof(now), now);
    check("  read back", memcmp(one, now, 4) == 0 && bits(now) == 1);
    call(__NR_getcpu, &there, NULL, NULL);
    check("  and there", there == cpu);
    in_child("  a child has it", child_affinity, NULL);
    expect("back to all", call(__NR_sched_setaffinity, 0, size, all), 0);
    memset(one, 0, sizeof(one));
    expect("setaffinity to none", call(__NR_sched_setaffinity, 0, 4, one),
           -EINVAL);
    expect("  size 0", call(__NR_sched_setaffinity, 0, 0, one), -EINVAL);
    expect("  bad", call(__NR_sched_setaffinity, 0, 4, BAD), -EFAULT);
    expect("  nobody", call(__NR_sched_setaffinity, 0x3ffffff, 4, all), -ESRCH);
    expect("getaffinity, 3 bytes", call(__NR_sched_getaffinity, 0, 3, now),
           -EINVAL);
    expect("  0 bytes", call(__NR_sched_getaffinity, 0, 0, now), -EINVAL);
    expect("  bad", call(__NR_sched_getaffinity, 0, 1024, BAD), -EFAULT);
    expect("  nobody", call(__NR_sched_getaffinity, 0x3ffffff, 1024, now),
           -ESRCH);
    expect("getcpu bad", call(__NR_getcpu, BAD, NULL, NULL), -EFAULT);
    expect("getcpu of nothing", call(__NR_getcpu, NULL, NULL, NULL), 0);
}

static void policies(void)
{
    static const int list[] = {SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH,
                               4,           SCHED_IDLE, 77,       -1};
    char low[16], high[16];
    struct timespec interval = {77, 77};

    for (size_t i = 0; i < COUNT(list); i++)
        say("policy %d: priorities %s to %s", list[i],
            result_text(call(__NR_sched_get_priority_min, list[i]), low),
            result_text(call(__NR_sched_get_priority_max, list[i]), high));
    expect("getscheduler", call(__NR_sched_getscheduler, 0), SCHED_OTHER);
    expect("  nobody", call(__NR_sched_getscheduler, 0x3ffffff), -ESRCH);
    expect("  -1", call(__NR_sched_getscheduler, -1), -EINVAL);
    expect("rr_get_interval", call(__NR_sched_rr_get_interval, 0, &interval),
           0);
    check("  plausible", interval.tv_sec == 0 && interval.tv_nsec >= 0);
    expect("  -1", call(__NR_sched_rr_get_interval, -1, &interval), -EINVAL);
}

static void parameters(void)
{
    int priority = 77, zero = 0, one = 1;

    expect("getparam", call(__NR_sched_getparam, 0, &priority), 0);
    expect("  priority", priority, 0);
    expect("  NULL", call(__NR_sched_getparam, 0, NULL), -EINVAL);
    expect("  bad", call(__NR_sched_getparam, 0, BAD), -EFAULT);
    expect("  nobody", call(__NR_sched_getparam, 0x3ffffff, &priority), -ESRCH);
    expect("setparam 0", call(__NR_sched_setparam, 0, &zero), 0);
    expect("  1", call(__NR_sched_setparam, 0, &one), -EINVAL);
    expect("  NULL", call(__NR_sched_setparam, 0, NULL), -EINVAL);
    expect("setscheduler OTHER",
           call(__NR_sched_setscheduler, 0, SCHED_OTHER, &zero), 0);
    expect("  priority 1", call(__NR_sched_setscheduler, 0, SCHED_OTHER, &one),
           -EINVAL);
    expect("  policy 77", call(__NR_sched_setscheduler, 0, 77, &zero), -EINVAL);
    expect("  policy -1", call(__NR_sched_setscheduler, 0, -1, &zero), -EINVAL);
    expect("  FIFO, priority 0",
           call(__NR_sched_setscheduler, 0, SCHED_FIFO, &zero), -EINVAL);
    expect("  nobody",
           call(__NR_sched_setscheduler, 0x3ffffff, SCHED_OTHER, &zero),
           -ESRCH);
    expect("yield", call(__NR_sched_yield), 0);
}

int main(void)
{
    affinity();
    policies();
    parameters();
    return 0;
}
