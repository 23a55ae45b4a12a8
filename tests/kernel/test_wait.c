/* SPDX-License-Identifier: MIT */
/*
 * Wait queues: order, counts, and above all that no wake-up is lost, when it
 * comes before the waiter sleeps, and under a storm of wakers on all CPUs.
 */
#include "kernel/wait.h"
#include "tests/kernel/crew.h"

static struct wait_queue queue = WAIT_QUEUE("test");
static uint32_t word, order[CREW_MAX], woken; /* atomic */

static uint32_t queue_length(void)
{
    uint32_t length = 0;
    spin_lock(&queue.lock);
    for (const struct task *t = queue.first; t; t = t->wait_next)
        length++;
    spin_unlock(&queue.lock);
    return length;
}

SELFTEST(wait_early, "a wake-up before the sleep is not lost")
{
    struct task *self = current_task();
    CHECK(wait_wake(&queue, 1) == 0);
    wait_join(&queue);
    bool ok = self->state == TASK_BLOCKED && queue.first == self;
    ok &= wait_wake(&queue, ~0u) == 1 && self->state == TASK_READY;
    ok &= !queue.first && !queue.last && !self->waiting_on;
    wait_sleep(); /* comes back by itself */
    wait_leave(&queue);
    CHECK(ok && self->state == TASK_READY);
}

SELFTEST(wait_true, "wait_until() leaves the queue when there is no need")
{
    CHECK(wait_until(&queue, true) == 0);
    CHECK(!queue.first && !current_task()->waiting_on);
    CHECK(current_task()->state == TASK_READY);
}

/* Join when those before have joined; note the order of waking. */
static void wait_in_turn(uint32_t index)
{
    CREW_CHECK(comes_true(queue_length() == index));
    wait_join(&queue);
    while (current_task()->waiting_on)
        wait_sleep();
    wait_leave(&queue);
    atomic_put(&order[atomic_add(&woken, 1)], index);
}

SELFTEST(wait_order, "the longest waiting is woken first, as many as asked")
{
    const uint32_t count = 6;
    woken = 0;
    for (uint32_t i = 0; i < count; i++)
        order[i] = count; /* nobody yet */
    bool ok = crew_start(count, wait_in_turn);
    ok &= comes_true(queue_length() == count);
    for (uint32_t i = 0; i < 4; i++) {
        ok &= wait_wake(&queue, 1) == 1;
        ok &= comes_true(atomic_get(&order[i]) == i);
    }
    ok &= wait_wake(&queue, 5) == 2; /* two were left */
    ok &= crew_join() && woken == count && !queue.first;
    CHECK(ok);
}

/* Two tasks in turns: the word says whose turn it is. */
static void take_turns(uint32_t index)
{
    stay_on(index);
    for (uint32_t i = 0; i < 300; i++) {
        wait_until(&queue, atomic_get(&word) % 2 == index || !crew_goes_on());
        if (!crew_goes_on())
            break;
        atomic_add(&word, 1);
        wait_wake(&queue, ~0u);
    }
    wait_wake(&queue, ~0u);
}

SELFTEST(wait_turns, "two tasks on two CPUs wake each other in turns")
{
    word = 0;
    CHECK(crew_run(2, take_turns));
    CHECK(word > 0);
}

#define GROUPS 4   /* at most; each has a queue, two makers, two takers */
#define TOKENS 400 /* each maker makes, if there is time */

static struct group {
    struct wait_queue queue;
    uint32_t tokens; /* atomic */
} groups[GROUPS];
static uint32_t makers, made, taken, over; /* atomic */

static bool take_token(struct group *group)
{
    uint32_t have = atomic_get(&group->tokens);
    while (have > 0)
        if (__atomic_compare_exchange_n(&group->tokens, &have, have - 1, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return true;
    return false;
}

static void dawdle(uint32_t *random)
{
    switch (fuzz_random(random) % 8) {
    case 0:
        sched_yield_cpu();
        break;
    case 1:
        for (uint32_t n = fuzz_random(random) % 500; n > 0; n--)
            cpu_pause();
        break;
    }
}

/* Even: makes tokens and wakes one task for each; odd: waits for them. */
static void make_or_take(uint32_t index)
{
    uint32_t random = 0xfeed0001u + index * 1009;
    struct group *group = &groups[index / 4];
    if (index % 2) {
        bool took = true;
        while (took) {
            wait_until(&group->queue,
                       (took = take_token(group)) || atomic_get(&over));
            atomic_add(&taken, took);
            dawdle(&random);
        }
        return;
    }
    for (uint32_t i = 0; i < TOKENS && crew_goes_on(); i++) {
        atomic_add(&group->tokens, 1);
        wait_wake(&group->queue, 1);
        atomic_add(&made, 1);
        dawdle(&random);
    }
    atomic_add(&makers, 1);
}

static uint32_t tokens_left(void)
{
    uint32_t tokens = 0;
    for (uint32_t i = 0; i < GROUPS; i++)
        tokens += atomic_get(&groups[i].tokens);
    return tokens;
}

SELFTEST(wait_storm, "no wake-up is lost among many wakers and waiters")
{
    uint32_t count = (cpus_running() + 2) / 3;
    count = count < GROUPS ? count : GROUPS;
    makers = made = taken = over = 0;
    for (uint32_t i = 0; i < GROUPS; i++)
        wait_queue_init(&groups[i].queue, "group");
    bool ok = crew_start(4 * count, make_or_take);
    ok &= comes_true(atomic_get(&makers) == 2 * count);
    /* A lost wake-up: a taker sleeps and its token stays. */
    ok &= comes_true(tokens_left() == 0);
    atomic_put(&over, 1);
    for (uint32_t i = 0; i < GROUPS; i++)
        wait_wake(&groups[i].queue, ~0u);
    ok &= crew_join();
    CHECK(ok && taken == made && made > 0); /* seeds: see make_or_take() */
}
