/* SPDX-License-Identifier: MIT */
/*
 * Claim C1: there is no "process". A task is cloned from another one with each
 * combination of flags; then each of the two changes a word in memory, makes a
 * handle and sets a signal handler, and looks for what the other one did. A
 * traditional process is the row that shares nothing, a thread the one that
 * shares all, and there is everything in between. Told by Torvalds in 2002, see
 * docs/sharing.md. Only calls that Linux has too: it prints the same there.
 *
 * The two tell each other how far they are in a page of shared memory, which
 * all tasks of this program have whatever the flags say. Each row begins in a
 * fresh task, so that no row sees what another one left behind.
 */
#include <stdbool.h>

#include "user/lib/error.h"
#include "user/lib/print.h"
#include "user/lib/start.h"
#include "user/lib/syscall.h"
#include "user/lib/thread.h"

/* Linux's numbers and flags for i386. */
enum {
    CALL_OPEN = 5,
    CALL_LSEEK = 19,
    CALL_DUP2 = 63,
    CALL_RT_SIGACTION = 174,
    CALL_MMAP2 = 192,
};
#define SHARE_PARENT       0x8000u
#define SHARED_MEMORY      0x21 /* shared, anonymous */
#define READ_WRITE         3
#define SIGNAL_CHILD_ENDED 17
#define SIGNAL_OF_CLONE    10 /* SIGUSR1: its handler is set by the clone, */
#define SIGNAL_OF_CLONER   12 /* that of SIGUSR2 by the cloner */
#define HANDLE_OF_CLONE    20
#define HANDLE_OF_CLONER   21
#define PATIENCE           500000 /* turns to give way before giving up */

/* What a task sees of the other one's doings. */
struct view {
    bool memory, handle, handler;
};

/* In shared memory. */
static volatile struct {
    uint32_t step;
    int error; /* of clone() */
    struct view of_clone, of_cloner;
    int group_of_clone, group_of_cloner;
    int parent_of_clone, parent_of_cloner;
} * common;

/* What the two change: in ordinary memory, shared or not. */
static volatile uint32_t word_of_clone, word_of_cloner;

static int32_t call(uint32_t number, uint32_t a, uint32_t b, uint32_t c,
                    uint32_t d)
{
    const uint32_t arguments[6] = {a, b, c, d};

    return system_call(number, arguments);
}

/* Linux's layout for the kernel, not that of C libraries. */
struct action {
    uint32_t handler, flags, restorer, mask[2];
};

static void handler(int number)
{
    (void)number;
}

static void set_handler(uint32_t number)
{
    const struct action action = {.handler = (uint32_t)handler};

    call(CALL_RT_SIGACTION, number, (uint32_t)&action, 0, 8);
}

static bool handler_is_set(uint32_t number)
{
    struct action action = {0};

    call(CALL_RT_SIGACTION, number, 0, (uint32_t)&action, 8);
    return action.handler == (uint32_t)handler;
}

static bool handle_exists(uint32_t handle)
{
    return call(CALL_LSEEK, handle, 0, 1, 0) >= 0;
}

/* Give way until the other one is as far as that; false: it never is. */
static bool reached(uint32_t step)
{
    for (uint32_t turn = 0; turn < PATIENCE; turn++) {
        if (__atomic_load_n(&common->step, __ATOMIC_ACQUIRE) >= step)
            return true;
        sys_sched_yield();
    }
    return false;
}

static void arrive(uint32_t step)
{
    __atomic_store_n(&common->step, step, __ATOMIC_RELEASE);
}

static int be_clone(void *argument)
{
    uint32_t handle = (uint32_t)argument;

    word_of_clone = 1;
    call(CALL_DUP2, handle, HANDLE_OF_CLONE, 0, 0);
    set_handler(SIGNAL_OF_CLONE);
    common->group_of_clone = sys_getpid();
    common->parent_of_clone = sys_getppid();
    arrive(1);
    if (!reached(2))
        return 1;
    common->of_clone.memory = word_of_cloner;
    common->of_clone.handle = handle_exists(HANDLE_OF_CLONER);
    common->of_clone.handler = handler_is_set(SIGNAL_OF_CLONER);
    arrive(3);
    return 0;
}

/* In a task of its own: clone with these flags, and look. */
static void be_cloner(uint32_t flags)
{
    static uint8_t stack[8192] __attribute__((aligned(16)));
    uint32_t handle =
        (uint32_t)call(CALL_OPEN, (uint32_t) "/proc/self/exe", 0, 0, 0);

    common->error = task_start(flags | SIGNAL_CHILD_ENDED, be_clone,
                               (void *)handle, stack, sizeof(stack));
    if (common->error < 0 || !reached(1))
        sys_exit_group(1);
    common->of_cloner.memory = word_of_clone;
    common->of_cloner.handle = handle_exists(HANDLE_OF_CLONE);
    common->of_cloner.handler = handler_is_set(SIGNAL_OF_CLONE);
    common->group_of_cloner = sys_getpid();
    common->parent_of_cloner = sys_getppid();
    word_of_cloner = 1;
    call(CALL_DUP2, handle, HANDLE_OF_CLONER, 0, 0);
    set_handler(SIGNAL_OF_CLONER);
    arrive(2);
    sys_exit_group(reached(3) ? 0 : 1);
}

/* Run one combination; 0, clone()'s error, or -EIO if one never answers. */
static int try_flags(uint32_t flags)
{
    common->step = 0;
    common->error = 0;
    int cloner = call(SYS_clone, SIGNAL_CHILD_ENDED, 0, 0, 0);
    if (cloner < 0)
        return cloner;
    if (cloner == 0)
        be_cloner(flags);
    /* With CLONE_PARENT the clone is our own child: wait for both. */
    while (sys_wait4(-1, NULL, ABI_WALL, NULL) > 0)
        ;
    if (common->error < 0)
        return common->error;
    return common->step == 3 ? 0 : -EIO;
}

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {
    {ABI_CLONE_VM, "VM"},           {ABI_CLONE_FILES, "FILES"},
    {ABI_CLONE_SIGHAND, "SIGHAND"}, {ABI_CLONE_THREAD, "THREAD"},
    {SHARE_PARENT, "PARENT"},
};
#define FLAGS (sizeof(flag_names) / sizeof(flag_names[0]))
/* All of the first four flags, and the fifth by itself. */
#define COMBINATIONS ((1u << (FLAGS - 1)) + 1)

/* Flags of a number whose bits choose rows of the table, and their names. */
static uint32_t combination(uint32_t bits, char *text, size_t size)
{
    uint32_t flags = 0;
    size_t length = 0;

    for (uint32_t i = 0; i < FLAGS; i++)
        if (bits & (1u << i)) {
            flags |= flag_names[i].flag;
            length += (size_t)format_to(text + length, size - length, "%s%s",
                                        length ? " " : "", flag_names[i].name);
        }
    if (!bits)
        format_to(text, size, "none");
    return flags;
}

static const char *sharing(bool clone_sees, bool cloner_sees)
{
    if (clone_sees != cloner_sees)
        return "one way";
    return clone_sees ? "shared" : "own";
}

static void print_row(const char *text)
{
    const char *group = "another", *parent = "another";

    if (common->group_of_clone == common->group_of_cloner)
        group = "same";
    if (common->parent_of_clone == common->group_of_cloner)
        parent = "the cloner";
    else if (common->parent_of_clone == common->parent_of_cloner)
        parent = "the cloner's";
    struct view clone = common->of_clone, cloner = common->of_cloner;
    printf("%-32s %-8s %-8s %-8s %-8s %s\n", text,
           sharing(clone.memory, cloner.memory),
           sharing(clone.handle, cloner.handle),
           sharing(clone.handler, cloner.handler), group, parent);
}

static bool print_table(void)
{
    bool refused[COMBINATIONS] = {false}, well = true;
    char text[80];

    printf("%-32s %-8s %-8s %-8s %-8s %s\n", "clone flags", "memory", "handles",
           "handlers", "group", "parent");
    for (uint32_t bits = 0; bits < COMBINATIONS; bits++) {
        int error = try_flags(combination(bits, text, sizeof(text)));
        refused[bits] = error == -EINVAL;
        if (!error) {
            print_row(text);
        } else if (error != -EINVAL) {
            printf("%-32s %s\n", text, error_text(error));
            well = false;
        }
    }
    printf("\nrefused (EINVAL):");
    for (uint32_t bits = 0, shown = 0; bits < COMBINATIONS; bits++)
        if (refused[bits]) {
            combination(bits, text, sizeof(text));
            printf("%s%s", shown == 0 ? " " : shown % 4 ? ", " : ",\n  ", text);
            shown++;
        }
    printf("\nA handler is an address, hence no SIGHAND without VM; a group "
           "has one set of them,\nhence no THREAD without SIGHAND.\n");
    return well;
}

int main(int argc, char **argv)
{
    const uint32_t arguments[6] = {
        0, 4096, READ_WRITE, SHARED_MEMORY, (uint32_t)-1, 0};
    int32_t page = system_call(CALL_MMAP2, arguments);

    (void)argc, (void)argv;
    if (page < 0 && page > -4096) {
        print_to(STANDARD_ERROR, "no shared memory: %s\n", error_text(page));
        return 1;
    }
    common = (void *)page;
    printf("A task clones another one. Each then changes a word, makes a "
           "handle, sets a signal\nhandler. shared: each sees what the other "
           "did; own: neither does.\n\n");
    bool well = print_table();
    printf("\n\"none\" is a process, \"VM FILES SIGHAND THREAD\" a thread. The "
           "kernel knows neither\nword: only tasks, and what they share.\n");
    return well ? 0 : 1;
}
