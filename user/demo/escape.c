/* SPDX-License-Identifier: MIT */
/*
 * Claim C5: what lies in the kernel region of an MM must never be reachable
 * from another one. Told by Torvalds in 2002, see docs/claim-c5.md. A task
 * hangs a note with its number up for all to find: on its kernel stack, and
 * the address of that in low memory; and, as the kernel itself does it, in its
 * task structure. Then a task of the same MM follows both pointers, and one of
 * another MM does: at first it has a single stack, then one more, which lies
 * where the other MM has the one with the note.
 */
#include <stdbool.h>

#include "kernel/abi/experiment_note.h"
#include "user/lib/clock.h"
#include "user/lib/error.h"
#include "user/lib/experiment.h"
#include "user/lib/print.h"
#include "user/lib/program.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define PATIENCE 100 /* looks, one each 10 ms */

static int be_hanger(void *argument)
{
    (void)argument;
    return (int)experiment(EXPERIMENT_note_hang, 0, 0, 0);
}

/* Wait until it hangs; false: it never does. */
static bool read_note(struct abi_note *note)
{
    for (int i = 0; i < PATIENCE; i++) {
        if (!experiment(EXPERIMENT_note_read, (uint32_t)note, 0, 0))
            return true;
        clock_sleep(10 * MILLISECONDS);
    }
    return false;
}

/* What is found by one of the pointers. */
static bool print_word(uint32_t word, bool absent, uint32_t tid)
{
    bool right = !absent && word == tid;
    char text[24];

    format_to(text, sizeof(text), absent ? "nothing" : "%08x", word);
    printf("  %-8s %-6s", text, right ? "right" : "WRONG");
    return right;
}

/* One row. Bit 0: the stack was read right; bit 1: the structure. */
static int follow(const char *who)
{
    struct abi_note note;

    if (!read_note(&note)) {
        printf("%s: there is no note\n", who);
        return 0;
    }
    printf("%-28s", who);
    int right = print_word(note.from_stack, note.absent, note.tid);
    right |= print_word(note.from_slab, false, note.tid) << 1;
    printf("\n");
    return right;
}

static int be_sleeper(void *argument)
{
    clock_sleep(NANOSECONDS);
    return (int)argument;
}

/* The same in a child, which has an MM of its own. */
static int follow_in_child(void)
{
    static uint8_t stack[8192] __attribute__((aligned(16)));
    static struct thread sleeper;
    int status = -1, child = sys_fork();

    if (child == 0) {
        int right = follow("a task of another MM");
        /* What lies there is not judged: only that others know nothing. */
        thread_start(&sleeper, be_sleeper, NULL, stack, sizeof(stack));
        clock_sleep(50 * MILLISECONDS);
        right &= follow("the same, with a second task") | 1;
        sys_exit_group(right);
    }
    if (child < 0 || sys_wait4(child, &status, 0, NULL) != child)
        return -1;
    return status_exited(status) ? status_code(status) : -1;
}

int main(int argc, char **argv)
{
    static uint8_t stack[8192] __attribute__((aligned(16)));
    struct thread hanger;
    struct abi_note note;

    (void)argc, (void)argv;
    show_configuration();
    int tid = thread_start(&hanger, be_hanger, NULL, stack, sizeof(stack));
    if (tid < 0 || !read_note(&note)) {
        printf("no task to hang up a note: %s\n", error_text(tid));
        return 1;
    }
    bool private = option_is("kstack", "ukva");
    printf("\nTask %u's note says %08x: on its kernel stack at %08x, in its "
           "structure at %08x\n\n%-28s  %-15s  %s\n",
           note.tid, note.tid, note.on_stack, note.in_slab, "who follows it",
           "on the stack", "in the structure");
    int here = follow("a task of the same MM"), there = follow_in_child();
    experiment(EXPERIMENT_note_end, 0, 0, 0);
    thread_wait(&hanger);
    bool well =
        note.tid == (uint32_t)tid && here == 3 && there == (private ? 2 : 3);
    printf("\nverdict: %s\n",
           !well     ? "FAILED: not as the claim says"
           : private ? "what lay on the stack was something else in another "
                       "MM, what lay in low memory was not"
                     : "all was right: with kstack=lowmem no stack belongs to "
                       "an MM, try kstack=ukva");
    return well ? 0 : 1;
}
