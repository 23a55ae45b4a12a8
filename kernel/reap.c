/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children. All threads of a group wait for the group's children,
 * which are on its leader's list and announced in its queue; a child is the
 * leader of a group of its own, and can be waited for when the group's last
 * thread has ended.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/task_table.h"
#include "machine/cpu.h"

/* Whether the request means this child (wait4(2): __WNOTHREAD, __WCLONE,
 * __WALL). */
static bool means(const struct wait_request *request, const struct task *child)
{
    if (request->tid != -1 && child->tid != (uint32_t)request->tid)
        return false;
    if (request->group && child->process_group != request->group)
        return false;
    if (request->options & ABI_WNOTHREAD && child->maker != current_task()->tid)
        return false;
    bool is_clone = child->exit_signal != ABI_SIGCHLD;
    return request->options & ABI_WALL ||
           is_clone == !!(request->options & ABI_WCLONE);
}

/* The number of a child that has ended; 0: none has yet; -ECHILD. */
static int find(struct wait_request *request)
{
    int result = -ECHILD;
    struct task *child;
    spin_lock(&tasks_lock);
    struct task *leader = current_task()->leader;
    for (child = leader->children; child; child = child->sibling.next) {
        if (!means(request, child))
            continue;
        /* One that has ended will neither stop nor go on. */
        bool any = !(request->options & ABI_WSTATES);
        if (child->ended && !any &&
            !(request->options & (ABI_WEXITED | ABI_WCONTINUED)))
            continue;
        result = 0;
        if (!child->ended || !(any || request->options & ABI_WEXITED))
            continue;
        result = (int)child->tid;
        request->status = child->exit_status;
        request->cycles = child->usage.threads + child->usage.children;
        if (!(request->options & ABI_WNOWAIT)) {
            leader->usage.children += request->cycles;
            task_unlink(child);
            task_free(child);
        }
        break;
    }
    spin_unlock(&tasks_lock);
    return result;
}

int task_wait(struct wait_request *request)
{
    int found = find(request);
    if (found || request->options & ABI_WNOHANG)
        return found;
    /* The leader's structure, and so the queue, lasts as long as we do. */
    int error = wait_until(&current_task()->leader->child_ended,
                           (found = find(request)) != 0);
    return error ? -ERESTART : found;
}
