/* SPDX-License-Identifier: MIT */
/* Out of memory: see shortage.h. */
#include "mm/shortage.h"

#include "kernel/abi/linux.h"
#include "kernel/counters.h"
#include "kernel/log.h"
#include "kernel/sched.h"
#include "kernel/task_table.h"
#include "kernel/time.h"
#include "machine/cpu.h"
#include "machine/time.h"
#include "mm/frame.h"
#include "mm/mm.h"
#include "mm/pageout.h"
#include "mm/settle.h"

#define WAIT_NS 1000000u /* for the one that was chosen */

static uint32_t pages_of(const struct mm *mm)
{
    uint32_t pages = 0;
    for (uint32_t q = 0; mm && q < USER_QUARTERS; q++)
        pages += mm->quarter[q]->pages;
    return pages;
}

/* Choose the group to end, if none is ending already. */
static void choose(void)
{
    struct task *victim = NULL;
    uint32_t most = 0;
    spin_lock(&tasks_lock);
    for (struct task *t = tasks; t; t = t->all.next) {
        if (t->kernel_thread || !t->mm)
            continue;
        if (t->attention & ATTENTION_KILLED) {
            victim = NULL; /* wait for that one */
            break;
        }
        uint32_t pages = t->leader == init_task ? 1 : 2 + pages_of(t->mm);
        if (pages > most) {
            most = pages;
            victim = t;
        }
    }
    if (victim) {
        log_warn("out of memory: %s (task %u) is ended, it had %u KiB",
                 victim->name, victim->tgid, pages_of(victim->mm) * 4);
        counter_add(COUNTER_shortage_kills, 1);
        task_kill_group(victim->leader, STATUS_SIGNAL(ABI_SIGKILL));
    }
    spin_unlock(&tasks_lock);
}

/*
 * One task looks for memory, the others wait for what it finds: thousands that
 * all make every CPU give back its caches would get nowhere.
 */
static uint32_t looking; /* atomic: somebody does */
static struct wait_queue found = WAIT_QUEUE("memory");

static bool is_over(void)
{
    return frames_suffice() || !__atomic_load_n(&looking, __ATOMIC_SEQ_CST);
}

static void look(void)
{
    while (!wait_killed()) {
        memory_settle();
        if (frames_suffice())
            break;
        choose();
        if (!wait_killed())
            time_sleep_until(clock_ns() + WAIT_NS);
    }
}

bool shortage_relieve(void)
{
    while (!pageout_relieve()) {
        if (wait_killed())
            return false;
        if (__atomic_exchange_n(&looking, 1, __ATOMIC_SEQ_CST)) {
            (void)wait_until_killed(&found, is_over());
        } else {
            look();
            __atomic_store_n(&looking, 0, __ATOMIC_SEQ_CST);
            wait_wake(&found, UINT32_MAX);
        }
        if (frames_suffice())
            return true;
    }
    return true;
}
