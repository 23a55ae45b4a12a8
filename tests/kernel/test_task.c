/* SPDX-License-Identifier: MIT */
/*
 * Kernel threads: they get their argument, a stack with a guard page, and
 * leave nothing behind, in numbers too. Programs are in test_exec.c.
 */
#include "arch/i386/self_map.h"
#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "mm/fail.h"
#include "mm/kstack.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"

static uint32_t sum; /* atomic */

static bool is_mapped(uintptr_t address)
{
    return pte_read(kernel_entry(address)) & PTE_PRESENT;
}

static void look_around(uint32_t index)
{
    const struct task *self = current_task();
    uintptr_t here = (uintptr_t)&self;
    CREW_CHECK(self->mm == NULL && self->tid > 1 && self->tgid == self->tid);
    CREW_CHECK(!strcmp(self->name, "crew") && interrupts_enabled());
    CREW_CHECK(here > self->stack && here < task_stack_top(self));
    CREW_CHECK(!is_mapped(self->stack - PAGE_SIZE));
    for (uint32_t page = 0; page < KERNEL_STACK_PAGES; page++)
        CREW_CHECK(is_mapped(self->stack + page * PAGE_SIZE));
    CREW_CHECK(kstack_is_overflow(self->stack, self->stack - 4));
    CREW_CHECK(!kstack_is_overflow(self->stack, self->stack));
    CREW_CHECK(!kstack_is_overflow(self->stack, self->stack - PAGE_SIZE - 1));
    atomic_add(&sum, index + 1);
}

SELFTEST(task_thread, "a kernel thread has its argument and a guarded stack")
{
    sum = 0;
    CHECK(crew_run(10, look_around));
    CHECK(sum == 55);
    for (uint32_t i = 0; i < 10; i++)
        for (uint32_t j = 0; j < i; j++)
            CHECK(crew.tid[i] != crew.tid[j]);
}

/* All of them at once: more stacks than are kept for reuse. */
static void end_together(uint32_t index)
{
    (void)index;
    atomic_add(&sum, 1);
    CREW_CHECK(comes_true(atomic_get(&sum) == crew.count));
}

SELFTEST(task_many, "threads begin and end in numbers and leave no frame")
{
    const uint32_t rounds = 3, count = CREW_MAX;
    uint64_t before = frames_free_settled();
    uint64_t created = counter_read(COUNTER_tasks_created);
    uint64_t ended = counter_read(COUNTER_tasks_ended);
    for (uint32_t i = 0; i < rounds; i++) {
        sum = 0;
        CHECK(crew_run(count, end_together));
    }
    CHECK(counter_read(COUNTER_tasks_created) - created == rounds * count);
    CHECK(counter_read(COUNTER_tasks_ended) - ended == rounds * count);
    CHECK(frames_free_settled() == before);
}

static void nothing(void *unused)
{
    (void)unused;
}

SELFTEST(task_fails, "without memory no thread begins, and nothing is lost")
{
    uint64_t before = frames_free_settled();
    uint64_t created = counter_read(COUNTER_tasks_created);
    uint64_t ended = counter_read(COUNTER_tasks_ended);
    uint32_t n = 1;
    for (; n < 20; n++) {
        memory_settle(); /* no kept stack: it must be allocated */
        fail_set(n);
        int error = task_start_kernel("failing", nothing, NULL);
        bool failed = fail_set(0) == 0;
        CHECK(error == (failed ? -ENOMEM : 0));
        if (!failed)
            break;
        /* Often: a lost object is seen when it takes another slab. */
        for (uint32_t i = 0; i < 20; i++) {
            memory_settle();
            fail_set(n);
            CHECK(task_start_kernel("failing", nothing, NULL) == -ENOMEM);
        }
        CHECK(frames_free_settled() == before);
    }
    CHECK(counter_read(COUNTER_tasks_created) == created + 1);
    CHECK(comes_true(counter_read(COUNTER_tasks_ended) == ended + 1));
    /* Its structure is freed just behind that count. */
    CHECK(comes_true(frames_free_settled() == before));
    CHECK(n >= 2 + KERNEL_STACK_PAGES); /* structure, stack; perhaps a slab */
}
