/* SPDX-License-Identifier: MIT */
/*
 * What the operations of memory and tasks cost: one static Linux program for
 * Quartet and Linux alike, so that the two tables can be laid side by side.
 * Each figure is the median of 200 rounds, one operation a round, in counts of
 * the time stamp counter, less what reading the counter costs. Those are
 * instructions under `tools/guest --icount -c 1` (and for a Linux kernel in a
 * QEMU with -icount shift=0), time elsewhere; bounds are in instructions and
 * judged only there. With the argument `strict` an exceeded one is a failure.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS     200
#define PAGE_BYTES 4096
#define READ_WRITE (PROT_READ | PROT_WRITE)

static uint32_t figures[ROUNDS];
static uint32_t overhead; /* of two reads of the counter */

static inline uint64_t counter(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

/* The operation, once a round; round -1 warms up. */
#define EACH_ROUND(operation)                                \
    for (int round = -1; round < ROUNDS; round++) {          \
        uint64_t begin_ = counter();                         \
        operation;                                           \
        if (round >= 0)                                      \
            figures[round] = (uint32_t)(counter() - begin_); \
    }

static void give_up(const char *what)
{
    perror(what);
    exit(2);
}

static volatile char *map(uint32_t pages, int protection)
{
    char *area = mmap(NULL, pages * PAGE_BYTES, protection,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (area == MAP_FAILED)
        give_up("mmap");
    return area;
}

static void unmap(volatile char *area, uint32_t pages)
{
    if (munmap((void *)area, pages * PAGE_BYTES))
        give_up("munmap");
}

static void nothing(void)
{
    EACH_ROUND();
}

static void null_call(void)
{
    EACH_ROUND(syscall(SYS_getppid));
}

static void yield(void)
{
    EACH_ROUND(syscall(SYS_sched_yield));
}

static void map_touch_unmap(uint32_t pages)
{
    volatile char *area = map(pages, READ_WRITE);

    for (uint32_t i = 0; i < pages; i++)
        area[i * PAGE_BYTES] = 1;
    unmap(area, pages);
}

static void map_1(void)
{
    EACH_ROUND(map_touch_unmap(1));
}

static void map_256(void)
{
    EACH_ROUND(map_touch_unmap(256));
}

static void fault(void)
{
    volatile char *area = map(ROUNDS + 1, READ_WRITE);

    EACH_ROUND(area[(round + 1) * PAGE_BYTES] = 1);
    unmap(area, ROUNDS + 1);
}

/* The neighbours allow nothing, so no area is split or merged. */
static void protect(void)
{
    volatile char *area = map(3, PROT_NONE);
    void *page = (void *)(area + PAGE_BYTES);

    if (mprotect(page, PAGE_BYTES, READ_WRITE))
        give_up("mprotect");
    area[PAGE_BYTES] = 1;
    EACH_ROUND(mprotect(page, PAGE_BYTES, round % 2 ? PROT_READ : READ_WRITE));
    unmap(area, 3);
}

static long futex(int *word, int operation, int value)
{
    return syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

/* The child has a copy of all pages and waits until all have been broken. */
static void copy_on_write(void)
{
    volatile char *area = map(ROUNDS + 1, READ_WRITE);
    volatile int *words =
        mmap(NULL, PAGE_BYTES, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;

    for (int i = 0; i <= ROUNDS; i++)
        area[i * PAGE_BYTES] = 1;
    words[0] = words[1] = 0;
    pid_t child = fork();
    if (child < 0)
        give_up("fork");
    if (child == 0) {
        words[0] = 1;
        while (!words[1])
            futex((int *)&words[1], FUTEX_WAIT, 0);
        _exit(0);
    }
    while (!words[0])
        sched_yield();
    EACH_ROUND(area[(round + 1) * PAGE_BYTES] = 2);
    words[1] = 1;
    futex((int *)&words[1], FUTEX_WAKE, 1);
    waitpid(child, &status, 0);
    munmap((void *)words, PAGE_BYTES);
    unmap(area, ROUNDS + 1);
}

static void wait_for(pid_t child)
{
    int status;

    if (child < 0 || waitpid(child, &status, 0) != child || status)
        give_up("a child");
}

static void fork_once(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    wait_for(child);
}

static void fork_exit_wait(void)
{
    EACH_ROUND(fork_once());
}

/* By itself: the child runs on this very frame. */
__attribute__((noinline)) static void vfork_once(void)
{
    pid_t child = vfork();

    if (child == 0)
        _exit(0);
    wait_for(child);
}

static void vfork_exit_wait(void)
{
    EACH_ROUND(vfork_once());
}

static void *end_at_once(void *argument)
{
    return argument;
}

static void create_and_join(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, end_at_once, NULL) ||
        pthread_join(thread, NULL))
        give_up("a thread");
}

static void thread(void)
{
    EACH_ROUND(create_and_join());
}

enum { HERE, THERE, THE_END };
static int turn;

static void pass_to(int whom)
{
    __atomic_store_n(&turn, whom, __ATOMIC_RELEASE);
    futex(&turn, FUTEX_WAKE_PRIVATE, 1);
}

static int wait_while(int value)
{
    int now;

    while ((now = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) == value)
        futex(&turn, FUTEX_WAIT_PRIVATE, value);
    return now;
}

static void *partner(void *argument)
{
    while (wait_while(HERE) != THE_END)
        pass_to(HERE);
    return argument;
}

static void there_and_back(void)
{
    pass_to(THERE);
    wait_while(THERE);
}

static void round_trip(void)
{
    pthread_t other;

    turn = HERE;
    if (pthread_create(&other, NULL, partner, NULL))
        give_up("a thread");
    EACH_ROUND(there_and_back());
    pass_to(THE_END);
    pthread_join(other, NULL);
}

static const struct {
    const char *name;
    void (*measure)(void);
    uint32_t bound; /* in instructions; 0: none */
} rows[] = {
    {"null system call (getppid)", null_call, 120},
    {"sched_yield, nobody else", yield, 0},
    {"mmap + touch + munmap, 1 page", map_1, 4000},
    {"mmap + touch + munmap, 256 pages", map_256, 400000},
    {"anonymous fault", fault, 1800},
    {"mprotect of a page", protect, 1000},
    {"copy-on-write break", copy_on_write, 2500},
    {"fork + exit + wait", fork_exit_wait, 40000},
    {"vfork + exit + wait", vfork_exit_wait, 0},
    {"thread create + join", thread, 10000},
    {"futex round trip, two threads", round_trip, 1800},
};

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Measure, and leave the figures sorted; the median. */
static uint32_t median_of(void (*measure)(void))
{
    measure();
    for (int i = 0; i < ROUNDS; i++)
        figures[i] -= figures[i] > overhead ? overhead : figures[i];
    qsort(figures, ROUNDS, sizeof(figures[0]), by_value);
    return figures[ROUNDS / 2];
}

/* Instructions are the same in nearly each round, times never are. */
static bool counts_instructions(void)
{
    uint32_t same = 0, median = median_of(null_call);

    for (int i = 0; i < ROUNDS; i++)
        same += figures[i] == median;
    return same >= ROUNDS * 9 / 10;
}

static void heading(bool instructions)
{
    struct utsname name;

    uname(&name);
    printf("%s %s, unit: %s\n", name.sysname, name.release,
           instructions ? "instructions (by the time stamp counter)"
                        : "counts of the time stamp counter: time, not judged");
    printf("%-34s %9s %9s %9s %9s\n", "median of 200 rounds", "median",
           "lowest", "highest", "bound");
}

int main(int argc, char **argv)
{
    bool strict = argc > 1 && strcmp(argv[1], "strict") == 0;
    int exceeded = 0;
    cpu_set_t first;

    CPU_ZERO(&first);
    CPU_SET(0, &first);
    if (sched_setaffinity(0, sizeof(first), &first))
        printf("cannot stay on CPU 0: figures may be of several CPUs\n");
    setvbuf(stdout, NULL, _IOLBF, 0);
    overhead = median_of(nothing);
    bool instructions = counts_instructions();
    heading(instructions);
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t median = median_of(rows[i].measure);
        printf("%-34s %9u %9u %9u", rows[i].name, median, figures[0],
               figures[ROUNDS - 1]);
        if (rows[i].bound)
            printf(" %9u", rows[i].bound);
        if (rows[i].bound && instructions) {
            bool kept = median <= rows[i].bound;
            printf(" %s", kept ? "kept" : "exceeded");
            exceeded += !kept;
        }
        putchar('\n');
    }
    return strict && exceeded ? 1 : 0;
}
