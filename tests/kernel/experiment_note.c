/* SPDX-License-Identifier: MIT */
/*
 * Claim C5: a task hangs a note up where all can find it, as a kernel might do
 * with an entry of a wait queue: it lies on the task's kernel stack, the
 * pointer to it in low memory. A second pointer leads to the task structure,
 * which the kernel's own queues use (kernel/wait.h). Whoever reads follows both
 * in the MM that is loaded, with an access that may fault: where kernel stacks
 * belong to the MM, the first leads somewhere else.
 */
#include "kernel/abi/experiment_note.h"
#include "kernel/abi/errno.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "tests/kernel/experiment.h"

static struct wait_queue readers = WAIT_QUEUE("note");

/* Under the lock of the queue. */
static struct task *hanger;
static volatile uint32_t *note; /* what it has hung up */
static bool end;

/* One at a time. It waits as all tasks do: by its structure. */
int32_t experiment_note_hang(uint32_t a, uint32_t b, uint32_t c)
{
    struct task *self = current_task();
    volatile uint32_t entry = self->tid;
    (void)a, (void)b, (void)c;
    spin_lock(&readers.lock);
    bool busy = hanger;
    if (!busy) {
        hanger = self;
        note = &entry;
        end = false;
    }
    spin_unlock(&readers.lock);
    if (busy)
        return -EAGAIN;
    int error = wait_until(&readers, __atomic_load_n(&end, __ATOMIC_SEQ_CST));
    spin_lock(&readers.lock);
    hanger = NULL;
    spin_unlock(&readers.lock);
    return error;
}

/* A word of memory that may not be there. */
static bool look(const volatile uint32_t *at, uint32_t *word)
{
    *word = 0;
    return !user_peek(user_ptr_at((uintptr_t)at), word);
}

int32_t experiment_note_read(uint32_t to, uint32_t b, uint32_t c)
{
    struct abi_note found = {.tid = 0};
    (void)b, (void)c;
    spin_lock(&readers.lock);
    if (hanger) {
        found.tid = hanger->tid;
        found.on_stack = (uintptr_t)note;
        found.in_slab = (uintptr_t)&hanger->tid;
        found.absent = !look(note, &found.from_stack);
        (void)look(&hanger->tid, &found.from_slab);
    }
    spin_unlock(&readers.lock);
    if (!found.tid)
        return -ESRCH;
    return copy_to_user(user_ptr_at(to), &found, sizeof(found));
}

int32_t experiment_note_end(uint32_t a, uint32_t b, uint32_t c)
{
    (void)a, (void)b, (void)c;
    __atomic_store_n(&end, true, __ATOMIC_SEQ_CST);
    wait_wake(&readers, ~0u);
    return 0;
}
