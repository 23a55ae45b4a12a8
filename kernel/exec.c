/* SPDX-License-Identifier: MIT */
/*
 * Programs in tasks: a child that runs another program (spawn), and the current
 * task going on with another one (execve).
 *
 * execve loads the program into a new MM first; all that can fail in it leaves
 * the caller as it was. Then the other threads of the group are ended, and the
 * task leaves for good what it stands on, as at an end: its old MM on its old
 * kernel stack, and that stack on the CPU's global one. It never returns
 * through old frames, which may have lain in the old MM.
 */
#include "kernel/exec.h"

#include "kernel/abi/errno.h"
#include "kernel/futex.h"
#include "kernel/handle.h"
#include "kernel/log.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/context.h"
#include "machine/cpu.h"
#include "mm/kstack.h"
#include "mm/mm.h"

static const char *base_name(const char *path)
{
    const char *name = path;
    for (const char *c = path; *c; c++)
        if (c[0] == '/' && c[1])
            name = c + 1;
    return name;
}

/* A child of the current task that will run the program. */
static int prepare(const struct exec_program *program, const char *name,
                   struct task **task)
{
    *task = task_create(program->mm, name);
    if (!*task)
        return -ENOMEM;
    context_init_user(*task, program->entry, program->stack);
    (*task)->handles = handles_create_console();
    int error = (*task)->handles ? signal_clone(*task, 0) : -ENOMEM;
    if (!error)
        error = signal_exec(*task);
    if (!error)
        error = task_enrol(*task, ABI_SIGCHLD);
    if (error)
        task_discard(*task);
    return error;
}

int exec_spawn(const char *path, struct exec_strings *strings)
{
    struct exec_program program;
    struct task *task;
    int error = exec_load(path, strings, &program);
    exec_strings_free(strings);
    if (error)
        return error;
    error = prepare(&program, base_name(path), &task);
    if (error) {
        mm_leave(program.mm);
        return error;
    }
    int number = (int)task->tid;
    task->process_group = task->tid; /* as a shell's job has */
    sched_start(task);
    return number;
}

/* On the CPU's global stack, interrupts off: the old MM and stack can go. */
static NORETURN void begin_program(void)
{
    struct task *self = current_task();
    struct mm *old = self->mm;
    struct exec_program program = self->next_program;
    ukva_t old_stack = self->stack;

    kstack_free(old, old_stack);
    mm_hold(program.mm);
    spin_lock(&tasks_lock);
    self->mm = program.mm;
    spin_unlock(&tasks_lock);
    mm_activate(program.mm);
    mm_release(old);
    self->stack = program.kernel_stack;
    context_init_user(self, program.entry, program.stack);
    sched_restart();
}

/* The task is its group's only thread; nothing of the old program is left. */
static NORETURN void replace(const struct exec_program *program,
                             const char *name)
{
    struct task *self = current_task();
    if (signal_exec(self) || handles_exec()) {
        log_warn("%s (task %u): out of memory in exec", self->name, self->tid);
        kstack_free(program->mm, program->kernel_stack);
        mm_leave(program->mm);
        task_exit_group(STATUS_SIGNAL(ABI_SIGKILL));
    }
    futex_exit(self);
    self->clear_tid = 0;
    self->next_program = *program;
    spin_lock(&tasks_lock);
    string_copy(self->name, name, sizeof(self->name));
    spin_unlock(&tasks_lock);
    mm_leave(self->mm);
    task_vfork_done();
    interrupts_disable();
    context_leave_stack(begin_program);
}

int exec_replace(const char *path, struct exec_strings *strings)
{
    struct exec_program program;
    char name[TASK_NAME];
    string_copy(name, base_name(path), sizeof(name));
    int error = exec_load(path, strings, &program);
    exec_strings_free(strings);
    if (error)
        return error;
    program.kernel_stack = kstack_alloc(program.mm);
    error = program.kernel_stack ? task_become_leader() : -ENOMEM;
    if (!error)
        replace(&program, name);
    if (program.kernel_stack)
        kstack_free(program.mm, program.kernel_stack);
    mm_leave(program.mm);
    return error;
}
