/* SPDX-License-Identifier: MIT */
/*
 * The stack grows down by itself, by recursion and by single accesses far
 * below the stack pointer, as far as RLIMIT_STACK allows and not near a map
 * below it; then it is SIGSEGV, whose handler runs on a stack of its own. Each
 * piece runs in a child, which begins with the little stack the parent used.
 */
#include "linux.h"

#define KIB 1024u
#define MIB (1024u * KIB)

static char *map_below; /* for stopped_by_map() */

static void limit(uint32_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_STACK, &limit);
}

static char *stack_pointer(void)
{
    char *pointer;
    __asm__ volatile("mov %%esp, %0" : "=r"(pointer));
    return pointer;
}

/* Goes down to `lowest` by frames of about 4 KiB; their sum, or -1. */
static __attribute__((noinline)) int go_down(char *lowest, int depth)
{
    volatile int frame[1000];
    frame[0] = depth;
    frame[999] = depth;
    if ((char *)frame <= lowest)
        return 0;
    int below = go_down(lowest, depth + 1);
    if (below < 0 || frame[0] != depth || frame[999] != depth)
        return -1;
    return below + 1;
}

/* Recursion of so many bytes: 0 done, 1 wrong, else 10 + fault. */
static int recursion(void *argument)
{
    int fault = sigsetjmp(probe_return, 1);
    if (fault)
        return 10 + fault;
    probing = 1;
    int frames = go_down(stack_pointer() - (uint32_t)argument, 0);
    probing = 0;
    return frames < 0 ? 1 : 0;
}

static int in_1_mib(void *argument)
{
    limit(MIB);
    return recursion(argument);
}

static int in_64_mib(void *argument)
{
    limit(64 * MIB);
    return recursion(argument);
}

static int far_below(void *argument)
{
    char *place = stack_pointer() - (uint32_t)argument;
    place = (char *)((uint32_t)place & ~3u);
    uint32_t value = 1;
    int fault = probe_read(place, &value);
    if (fault)
        return 10 + fault;
    if (value != 0)
        return 2;
    if (probe_write(place, 99) || *(volatile uint32_t *)place != 99)
        return 3;
    return probe_write(place + 64 * KIB, 1) ? 4 : 0;
}

static int far_in_1_mib(void *argument)
{
    limit(MIB);
    return far_below(argument);
}

/* The limit counts when the stack grows, so it may be lowered under it. */
static int lowered(void *argument)
{
    if (far_below(argument))
        return 1;
    limit(256 * KIB);
    char *reached = stack_pointer() - (uint32_t)argument + 64 * KIB;
    if (probe_write((char *)((uint32_t)reached & ~3u), 2))
        return 2; /* what is there stays */
    int fault = probe_write((char *)((uint32_t)(reached - MIB) & ~3u), 3);
    return 10 + fault;
}

static int stopped_by_map(void *argument)
{
    char *base = (char *)((uint32_t)stack_pointer() & ~(PAGE - 1));
    map_below = base - 4 * MIB;
    if (failed(map(map_below, PAGE, RW, ANON | MAP_FIXED, -1, 0)))
        return 1;
    *word(map_below, 0) = 5;
    int result = recursion(argument);
    if (result != 11)
        return result;
    uint32_t gap = probe_address - ((uint32_t)map_below + PAGE);
    if (gap > 4 * MIB || *word(map_below, 0) != 5)
        return 2;
    return gap < MIB - 2 * PAGE || gap > MIB ? 3 : 0;
}

static int no_handler(void *argument)
{
    signal(SIGSEGV, SIG_DFL);
    return in_1_mib(argument);
}

static int both_sides(void *argument)
{
    volatile int here[2000];
    for (int i = 0; i < 2000; i++)
        here[i] = i;
    if (in_child(recursion, argument) != 0)
        return 1;
    for (int i = 0; i < 2000; i++)
        if (here[i] != i)
            return 2;
    return recursion(argument);
}

int main(void)
{
    probes_begin();
    limit(8 * MIB);
    child_does("recursion of 200 KiB", recursion, (void *)(200 * KIB));
    child_does("recursion of 6 MiB", recursion, (void *)(6 * MIB));
    child_does("recursion of 9 MiB in 8 MiB", recursion, (void *)(9 * MIB));
    child_does("recursion of 900 KiB in 1 MiB", in_1_mib, (void *)(900 * KIB));
    child_does("recursion of 2 MiB in 1 MiB", in_1_mib, (void *)(2 * MIB));
    child_does("recursion of 20 MiB in 64 MiB", in_64_mib, (void *)(20 * MIB));
    child_does("the same without a handler", no_handler, (void *)(2 * MIB));
    child_does("200 KiB below esp", far_below, (void *)(200 * KIB));
    child_does("5 MiB below esp", far_below, (void *)(5 * MIB));
    child_does("9 MiB below esp in 8 MiB", far_below, (void *)(9 * MIB));
    child_does("700 KiB below esp in 1 MiB", far_in_1_mib, (void *)(700 * KIB));
    child_does("2 MiB below esp in 1 MiB", far_in_1_mib, (void *)(2 * MIB));
    child_does("a limit lowered under a grown stack", lowered,
               (void *)(2 * MIB));
    child_does("a map 4 MiB below", stopped_by_map, (void *)(6 * MIB));
    child_does("a child and a grandchild, 2 MiB each", both_sides,
               (void *)(2 * MIB));
    return finish();
}
