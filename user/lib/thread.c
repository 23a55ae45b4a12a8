/* SPDX-License-Identifier: MIT */
/*
 * Threads by clone(). The flags are those of a POSIX thread: memory, files and
 * signals shared, one thread group.
 */
#include "user/lib/thread.h"

#include "user/lib/syscall.h"
#include "user/lib/system.h"

int thread_clone(uint32_t number, uint32_t flags, uint32_t *stack,
                 volatile uint32_t *parent_word, volatile uint32_t *child_word);

/* A task on a stack of its own; the words are those of the flags that say. */
static int start(uint32_t flags, thread_function function, void *argument,
                 void *stack, uint32_t bytes, volatile uint32_t *word)
{
    uint32_t *top = (uint32_t *)(((uintptr_t)stack + bytes) & ~15u);

    /*
     * A stub reads six words above its return address, so some room is left
     * above the first frame.
     */
    top -= 12;
    top[0] = (uint32_t)function;
    top[1] = (uint32_t)argument;
    return thread_clone(SYS_clone, flags, top, word, word);
}

int task_start(uint32_t flags, thread_function function, void *argument,
               void *stack, uint32_t bytes)
{
    return start(flags, function, argument, stack, bytes, NULL);
}

int thread_start(struct thread *thread, thread_function function,
                 void *argument, void *stack, uint32_t bytes)
{
    const uint32_t flags = ABI_CLONE_VM | ABI_CLONE_FS | ABI_CLONE_FILES |
                           ABI_CLONE_SIGHAND | ABI_CLONE_THREAD |
                           ABI_CLONE_PARENT_SETTID | ABI_CLONE_CHILD_CLEARTID;
    int tid = start(flags, function, argument, stack, bytes, &thread->running);

    if (tid < 0)
        thread->running = 0;
    return tid;
}

void thread_wait(struct thread *thread)
{
    /* Acquire: what the thread wrote before its end is seen after this. */
    while (__atomic_load_n(&thread->running, __ATOMIC_ACQUIRE))
        sys_sched_yield();
}

static bool others_are_listed(void)
{
    struct abi_task row;
    uint32_t group = (uint32_t)sys_getpid(), self = (uint32_t)sys_gettid();

    for (uint32_t i = 0; query_row(QUERY_TASKS, i, &row, sizeof(row)); i++)
        if (row.tgid == group && row.tid != self)
            return true;
    return false;
}

void threads_wait_gone(void)
{
    while (others_are_listed())
        sys_sched_yield();
}
