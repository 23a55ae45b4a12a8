/* SPDX-License-Identifier: MIT */
/*
 * process_vm_readv and process_vm_writev while the other side changes: its
 * threads map, protect, move and drop the pages that are copied, it forks and
 * writes, it execs, it ends. A copied word is one that was at that place once,
 * or the copy ends before it. Words say where they are: page number and seed;
 * whoever gets a frame that was the target's fills it with other words and
 * looks after them. Argument: rounds (60).
 *
 * run: seconds=4
 * run: -a lowmem=16M seconds=4
 * run: -c 1 -m 64M args="20" seconds=4
 * run: -m 64M -a lowmem=16M build=debug args="20" seconds=4
 */
#include "oracle.h"
#include <sched.h>
#include <sys/uio.h>

#define PAGES 16
#define BYTES (PAGES * 4096)
#define WORDS (BYTES / 4)
#define THREAD                                                          \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
     CLONE_SYSVSEM)

struct shared {
    volatile int step, stop, rounds;
    volatile unsigned bad;
    volatile uint32_t written; /* the last value put into the target */
};

static struct shared *shared;
static uint32_t *memory; /* the same address in both */
static uint32_t *buffer;
static long target;
static int rounds = 60;
static bool exec; /* the target may have become another program */

#define OURS 0x11000000u /* the target's words: plus their index */
#define STRANGE \
    0xee000000u         /* those of somebody who has nothing to do with it */
#define PUT 0x22000000u /* what the caller writes */

static long reach(long number, size_t first, size_t words)
{
    struct iovec local = {buffer + first, words * 4};
    struct iovec remote = {memory + first, words * 4};

    return call(number, target, &local, 1, &remote, 1, 0);
}

static bool may_be(uint32_t word, uint32_t i)
{
    if (exec)
        return word != STRANGE + i;
    return !word || word == OURS + i || word == PUT + i;
}

/* Copies once each way; how many words were wrong. */
static unsigned copy_once(bool write)
{
    unsigned bad = 0;
    long got;

    memset(buffer, 0x77, BYTES);
    got = reach(__NR_process_vm_readv, 1, WORDS - 1);
    for (long i = 1; got > 0 && i <= got / 4; i++)
        bad += !may_be(buffer[i], (uint32_t)i);
    if (got > 0 && (got & 3 || got > BYTES))
        bad++;
    if (got < 0 && got != -EFAULT && got != -ESRCH)
        bad++;
    for (unsigned i = 0; i < WORDS; i++)
        buffer[i] = PUT + i;
    if (write)
        reach(__NR_process_vm_writev, 0, WORDS);
    return bad;
}

static void pattern(uint32_t *at)
{
    for (unsigned i = 0; i < WORDS; i++)
        at[i] = OURS + i;
}

/* Takes frames that were given back, and fills them with strange words. */
static void take_frames(void)
{
    uint32_t *mine = memory + 6 * WORDS;
    for (unsigned i = 0; i < WORDS; i++)
        mine[i] = STRANGE + i;
    for (unsigned i = 0; i < WORDS; i++)
        if (mine[i] != STRANGE + i)
            __atomic_add_fetch(&shared->bad, 1, __ATOMIC_SEQ_CST);
    madvise(mine, BYTES, MADV_DONTNEED);
}

static int stranger(void *unused)
{
    (void)unused;
    while (!shared->stop)
        take_frames();
    return 0;
}

static void map_again(void)
{
    if (mmap(memory, BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != memory)
        shared->bad++;
    pattern(memory);
}

/* --- what the target does, in one of its threads --- */

static void unmaps(void)
{
    munmap(memory, BYTES / 2);
    munmap(memory, BYTES);
    take_frames();
    map_again();
}

static void drops(void)
{
    madvise(memory, BYTES, MADV_DONTNEED);
    take_frames();
    pattern(memory);
}

/* Behind a protection nothing may be written: the copy had to stop. */
static void protects(void)
{
    mprotect(memory, BYTES, PROT_READ);
    uint32_t before = memory[WORDS / 2];
    sched_yield();
    if (memory[WORDS / 2] != before)
        shared->bad++;
    mprotect(memory, BYTES, PROT_NONE);
    mprotect(memory, BYTES, PROT_READ | PROT_WRITE);
    pattern(memory);
}

static void moves(void)
{
    void *there = mremap(memory, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED,
                         (char *)memory + 64 * 4096);
    void *back = there == MAP_FAILED
                     ? MAP_FAILED
                     : mremap(there, BYTES, BYTES,
                              MREMAP_MAYMOVE | MREMAP_FIXED, memory);
    if (back != memory)
        shared->bad++;
}

/* What a forked child has does not change any more, whoever writes to us. */
static void forks(void)
{
    long child = call(__NR_fork);
    if (child == 0) {
        uint32_t sum[2] = {0, 0};
        for (int round = 0; round < 2; round++) {
            for (unsigned i = 0; i < WORDS; i += 64)
                sum[round] = sum[round] * 31 + memory[i];
            sched_yield();
        }
        call(__NR_exit, sum[0] != sum[1]);
    }
    if (wait_for(child) != 0)
        shared->bad++;
    pattern(memory);
}

static void (*const doings[])(void) = {unmaps, drops, protects, moves, forks};
static const char *const names[] = {"unmaps", "drops", "protects", "moves",
                                    "forks"};

static int be_target(void (*doing)(void))
{
    pattern(memory);
    shared->step = 1;
    for (int i = 0; i < rounds; i++)
        doing();
    shared->step = 3;
    wait_until(&shared->step, 4);
    return 0;
}

static void try_doing(unsigned which)
{
    unsigned bad = 0;
    char what[40];

    shared->step = 0;
    target = call(__NR_fork);
    if (target == 0)
        call(__NR_exit_group, be_target(doings[which]));
    while (!shared->step)
        sched_yield();
    while (shared->step == 1)
        bad += copy_once(true);
    shared->step = 4;
    snprintf(what, sizeof(what), "the other %s", names[which]);
    say_status(what, wait_for(target));
    expect("  wrong words", bad + shared->bad, 0);
}

/* --- the target ends, or becomes another program --- */

static int sibling(void *unused)
{
    (void)unused;
    while (!shared->stop)
        memory[0] = OURS;
    return 0;
}

static void ends(void)
{
    unsigned bad = 0;
    int wrong = 0;

    for (int i = 0; i < rounds; i++) {
        shared->step = 0;
        target = call(__NR_fork);
        if (target == 0) {
            pattern(memory);
            if (i & 1)
                start_task(THREAD, sibling, NULL);
            shared->step = 1;
            for (volatile int turn = 0; turn < i * 500; turn++)
                ;
            if (exec)
                execl("/proc/self/exe", "vm_copy_race", "exit", NULL);
            call(__NR_exit_group, 5);
        }
        while (shared->step != 1)
            sched_yield();
        for (int more = 8; more > 0; more--)
            bad += copy_once(i & 2);
        wrong += WEXITSTATUS(wait_for(target)) != 5;
    }
    say("the other %s", exec ? "execs" : "exits");
    expect("  another status", wrong, 0);
    expect("  wrong words", bad + shared->bad, 0);
}

/* Two reach into each other, and both write. */
static void each_other(void)
{
    long parent = call(__NR_getpid);
    unsigned bad = 0;

    pattern(memory);
    target = call(__NR_fork);
    long child = target;
    if (child == 0)
        target = parent;
    for (int i = 0; i < rounds * 4; i++)
        bad += copy_once(true);
    if (child == 0)
        call(__NR_exit_group, bad);
    say_status("each into the other", wait_for(child));
    expect("  wrong words", bad, 0);
}

/* Our own memory comes and goes while the copy writes to it. */
static int drop_buffer(void *unused)
{
    (void)unused;
    while (!shared->step) {
        madvise(buffer, BYTES, MADV_DONTNEED);
        mprotect(buffer, BYTES, PROT_READ);
        mprotect(buffer, BYTES, PROT_READ | PROT_WRITE);
        sched_yield();
    }
    shared->step = 2;
    return 0;
}

static void our_side(void)
{
    unsigned bad = 0;

    shared->step = 0;
    target = call(__NR_fork);
    if (target == 0) {
        pattern(memory);
        shared->step = 1;
        call(__NR_pause);
    }
    wait_until(&shared->step, 1);
    shared->step = 0;
    start_task(THREAD, drop_buffer, NULL);
    for (int i = 0; i < rounds * 4; i++) {
        long got = reach(__NR_process_vm_readv, 0, WORDS);
        bad += got != -EFAULT && (got <= 0 || got > BYTES);
        for (unsigned w = 0; w < WORDS; w += 16)
            bad += buffer[w] && buffer[w] != OURS + w;
    }
    shared->step = 1;
    wait_until(&shared->step, 2);
    call(__NR_kill, target, SIGKILL);
    say_status("ours comes and goes", wait_for(target));
    expect("  wrong words", bad, 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "exit"))
        return 5;
    if (argc > 1)
        rounds = atoi(argv[1]);
    shared = shared_page();
    memory = mmap(NULL, 128 * 4096, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    buffer = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long other = call(__NR_fork);
    if (other == 0)
        call(__NR_exit_group, stranger(NULL));
    for (unsigned i = 0; i < COUNT(doings); i++)
        try_doing(i);
    ends();
    exec = true;
    ends();
    exec = false;
    each_other();
    our_side();
    shared->stop = 1;
    say_status("the stranger", wait_for(other));
    expect("wrong words anywhere", shared->bad, 0);
    return 0;
}
