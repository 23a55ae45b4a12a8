/* SPDX-License-Identifier: MIT */
/*
 * A mutex is its owner's address, set by compare-and-swap; who finds it taken
 * sleeps. The releaser clears the owner before it looks for waiters, a waiter
 * joins the queue before it tries again: see wait.h for why none is forgotten.
 * SEQ_CST stores are full fences on x86 (XCHG), SEQ_CST loads are plain loads:
 * the fence between joining and looking is in wait_join().
 */
#include "kernel/mutex.h"

#include "kernel/panic.h"
#include "kernel/task.h"
#include "machine/cpu.h"

static bool try_take(struct mutex *mutex)
{
    struct task *nobody = NULL;
    return __atomic_compare_exchange_n(&mutex->owner, &nobody, current_task(),
                                       false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

void mutex_lock(struct mutex *mutex) UNCHECKED_LOCKING
{
    DEBUG_DO(check_no_lock());
    DEBUG_DO(check_mutex_taken(mutex));
    while (!try_take(mutex)) {
        wait_join(&mutex->waiters);
        if (__atomic_load_n(&mutex->owner, __ATOMIC_SEQ_CST))
            wait_sleep();
        wait_leave(&mutex->waiters);
    }
}

bool mutex_trylock(struct mutex *mutex)
{
    if (!try_take(mutex))
        return false;
    DEBUG_DO(check_mutex_taken(mutex));
    return true;
}

void mutex_unlock(struct mutex *mutex) UNCHECKED_LOCKING
{
    ASSERT(mutex->owner == current_task());
    DEBUG_DO(check_mutex_released(mutex));
    __atomic_store_n(&mutex->owner, NULL, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&mutex->waiters.first, __ATOMIC_SEQ_CST))
        wait_wake(&mutex->waiters, 1);
}

bool mutex_held(const struct mutex *mutex)
{
    return mutex->owner == current_task();
}
