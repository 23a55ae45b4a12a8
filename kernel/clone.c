/* SPDX-License-Identifier: MIT */
/*
 * clone: a new task that shares with its maker what the flags say, and has a
 * copy of the rest. There is no fork and no thread beyond that: fork shares
 * nothing, a thread shares everything, and all between has its flags.
 *
 *   VM        the MM; else a copy, made on write (mm/fork.c)
 *   FILES     the table of handles; else a copy
 *   SIGHAND   what is done on signals; else a copy
 *   THREAD    the thread group: one number, one parent, one end
 *   FS        has nothing to share: there are no working directories
 *
 * All that can fail is done before the task is enrolled; from then on others
 * see it.
 */
#include "kernel/clone.h"

#include "kernel/abi/errno.h"
#include "kernel/handle.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/task_table.h"
#include "machine/context.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/frame.h"
#include "mm/mm.h"
#include "mm/pageout.h"

/* What Linux refuses, and what there is none of here. */
static bool is_possible(const struct clone_request *r)
{
    uint32_t flags = r->flags;
    if (flags & (ABI_CLONE_NEWNS | ABI_CLONE_PIDFD | ABI_CLONE_NAMESPACES))
        return false;
    if (flags & ABI_CLONE_THREAD && !(flags & ABI_CLONE_SIGHAND))
        return false;
    if (flags & ABI_CLONE_SIGHAND && !(flags & ABI_CLONE_VM))
        return false;
    /* The first program's parent is the kernel. */
    return !(flags & ABI_CLONE_PARENT) || current_task()->leader->tid != 1;
}

/* What the child does not share it gets a copy of. */
static int copy_state(struct task *child, const struct clone_request *r)
{
    struct task *self = current_task();
    int error = signal_clone(child, r->flags);
    if (error)
        return error;
    if (r->flags & ABI_CLONE_FILES)
        child->handles = handles_get(self->handles);
    else
        error = handles_copy(self->handles, &child->handles);
    if (error)
        return error;
    context_init_clone(child, r->stack);
    if (r->flags & ABI_CLONE_SETTLS)
        error = context_set_tls(child, r->tls);
    if (r->flags & ABI_CLONE_CHILD_CLEARTID)
        child->clear_tid = r->child_tid;
    if (r->flags & ABI_CLONE_CHILD_SETTID) {
        /* It stores it itself: its memory is not ours to reach. */
        child->set_tid = r->child_tid;
        child->attention = ATTENTION_BORN;
    }
    return error;
}

/* Until the child has left our MM, or we are to end. */
static void wait_for_vfork(struct task *self, uint32_t tid)
{
    while (__atomic_load_n(&self->vfork_child, __ATOMIC_SEQ_CST)) {
        /* Blocked first, then look: see wait.h. */
        __atomic_store_n(&self->state, TASK_BLOCKED, __ATOMIC_SEQ_CST);
        if (wait_killed())
            break;
        if (__atomic_load_n(&self->vfork_child, __ATOMIC_SEQ_CST))
            wait_sleep();
    }
    sched_set_ready();
    spin_lock(&tasks_lock);
    struct task *child = task_find(tid);
    if (child && child->vfork_parent == self)
        child->vfork_parent = NULL;
    spin_unlock(&tasks_lock);
}

int clone_task(const struct clone_request *r)
{
    struct task *self = current_task();
    if (!is_possible(r))
        return -EINVAL;
    if (task_is_one_too_many()) /* at once: before the work of a fork */
        return -EAGAIN;
    if (!frames_for_task() && !(pageout_relieve() && frames_for_task()))
        return -ENOMEM;
    struct mm *mm = self->mm;
    if (r->flags & ABI_CLONE_VM)
        mm_get(mm);
    else if (!(mm = mm_fork(mm)))
        return -ENOMEM;
    struct task *child = task_create(mm, self->name);
    int error = child ? copy_state(child, r) : -ENOMEM;
    if (!error && r->flags & ABI_CLONE_VFORK)
        child->vfork_parent = self;
    if (!error)
        error =
            task_enrol(child, (r->flags & ~ABI_CLONE_SIGNAL) | r->exit_signal);
    if (error) {
        if (child)
            task_discard(child);
        mm_leave(mm);
        return error;
    }
    int tid = (int)child->tid;
    if (r->flags & ABI_CLONE_PARENT_SETTID)
        (void)!copy_to_user(user_ptr_at(r->parent_tid), &tid, sizeof(tid));
    if (r->flags & ABI_CLONE_VFORK)
        self->vfork_child = child->tid;
    sched_start(child);
    if (r->flags & ABI_CLONE_VFORK)
        wait_for_vfork(self, (uint32_t)tid);
    return tid;
}
