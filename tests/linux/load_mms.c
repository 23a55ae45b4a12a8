/* SPDX-License-Identifier: MIT */
/*
 * Many MMs and then many threads, all alive at once. Each MM is a forked child
 * that writes its number to 64 pages which lie spread over 8 MiB, and so takes
 * several page tables. Then tasks are added to some of these MMs. When memory
 * is out the last call must say so, and nothing that lives may be hurt: at the
 * end all look whether their pages are still their own. Arguments: MMs (20),
 * threads (40), MMs that share the threads (1); then perhaps `costs`: print
 * what each cost, by the kernel's own count; then perhaps `strict`: fewer than
 * asked for are a failure, or `out`: all of them are, and what was refused
 * must have been for want of memory.
 *
 * run:
 * run: args="20 60 5"
 * run: guest -m 1G -a lowmem=32M args="1000 2000 1 costs strict" seconds=8
 * run: guest -m 1G -a lowmem=32M args="1000 2000 10 costs strict" seconds=8
 * run: guest -c 1 -m 1G -a lowmem=32M args="1000 2000 1 strict" seconds=5
 * run: guest -m 1G -a "lowmem=32M pt=lowmem kstack=lowmem" args="1000 2000 out"
 * run: guest -c 1 -m 1G -a "lowmem=9M pt=lowmem kstack=lowmem" args="999 9 out"
 * run: guest -m 512M -a "lowmem=16M pt=lowmem kstack=lowmem" args="1000 50"
 */
#include "oracle.h"

#define PAGES  64
#define SPREAD (8u << 20)
#define STRIDE (SPREAD / PAGES)
#define THREAD                                                          \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
     CLONE_SYSVSEM)
#define STACK 512 /* bytes, of a thread that only waits */
#define MOST  4096

struct shared {
    volatile int ready, done;   /* tasks that live; MMs with their threads */
    volatile int go, end;       /* words to wait for */
    volatile int threads[MOST]; /* of each MM: how many it has made */
    volatile int bad, refused;  /* what a clone said, 0: none was refused */
};

static struct shared *shared;
static char *area;
static bool costs;
static bool all_made = true, memory_out;

/* --- what the kernel says of its memory; nothing on Linux --- */

struct memory {
    long low, high; /* bytes free */
};

/* The layout of QUERY_SYSTEM in kernel/abi/query.h up to what is read here. */
struct system_row {
    char version[32], build[16], policies[96];
    uint32_t cpus, cpus_found;
    char features[32];
    uint32_t sizes[3];
    uint64_t total_low, total_high, free_low, free_high;
    char rest[64];
} __attribute__((aligned(4)));

static bool memory_read(struct memory *m)
{
    struct system_row row[4]; /* room for a longer one */
    const long number = 0x1001, settled = 9;

    if (call(number, settled, 0, row, sizeof(row)) < 1)
        return false;
    *m = (struct memory){(long)(row->free_low * 4096),
                         (long)(row->free_high * 4096)};
    return true;
}

static void tell_cost(const char *what, int made, struct memory before)
{
    struct memory now;

    if (costs && made && memory_read(&now))
        say("each %s: %ld bytes low, %ld high", what,
            (before.low - now.low) / made, (before.high - now.high) / made);
}

/* --- waiting, without a wake-up that thousands would have to take --- */

static void wait_word(volatile int *word)
{
    while (!*word)
        call(__NR_futex, word, FUTEX_WAIT, 0, NULL);
}

static void set_word(volatile int *word)
{
    *word = 1;
    call(__NR_futex, word, FUTEX_WAKE, INT32_MAX);
}

static void wait_count(int count)
{
    while (shared->ready < count)
        sleep_ms(2);
}

/* --- the load --- */

static void write_pages(int number)
{
    for (int i = 0; i < PAGES; i++)
        *(volatile int *)(void *)(area + i * STRIDE) = number + i;
}

static bool pages_are(int number)
{
    for (int i = 0; i < PAGES; i++)
        if (*(volatile int *)(void *)(area + i * STRIDE) != number + i)
            return false;
    return true;
}

static int thread(void *unused)
{
    (void)unused;
    __atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
    wait_word(&shared->end);
    return 0;
}

/* Adds threads to the own MM, until that is refused. */
static void add_threads(int number, int count)
{
    char *stacks = mmap(NULL, (size_t)count * STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (stacks == MAP_FAILED) {
        shared->refused = -errno;
        return;
    }
    for (int i = 0; i < count; i++) {
        long tid = oracle_clone(THREAD, stacks + (i + 1) * STACK, NULL, NULL,
                                NULL, thread, NULL);
        if (tid < 0) {
            shared->refused = (int)tid;
            break;
        }
        shared->threads[number]++;
    }
}

/* Child `number`; the first `sharers` of them add `count` threads each. */
static void live(int number, int sharers, int count)
{
    write_pages(number);
    __atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
    if (number < sharers) {
        wait_word(&shared->go);
        add_threads(number, count);
        __atomic_add_fetch(&shared->done, 1, __ATOMIC_SEQ_CST);
    }
    wait_word(&shared->end);
    if (!pages_are(number))
        __atomic_add_fetch(&shared->bad, 1, __ATOMIC_SEQ_CST);
    call(__NR_exit_group, number % 100);
}

static void tell_made(const char *what, int made, int wanted, long error)
{
    char text[16];

    all_made &= made == wanted;
    memory_out |= made != wanted && error == -ENOMEM;
    if (made == wanted)
        say("%d %s alive at once", made, what);
    else
        say("%d %s alive at once, then %s", made, what,
            result_text(error, text));
}

/* Whether the last argument is that; it is taken away. */
static bool take_word(int *argc, char **argv, const char *word)
{
    if (*argc < 2 || strcmp(argv[*argc - 1], word))
        return false;
    argv[--*argc] = NULL;
    return true;
}

/* Forks up to `mms` children, one after the other is ready: how many. */
static int make_mms(int mms, int sharers, int threads, long *children)
{
    struct memory before = {0, 0};
    long pid = 0;
    int made = 0;

    memory_read(&before);
    for (; made < mms && made < MOST; made++) {
        pid = call(__NR_fork);
        if (pid < 0)
            break;
        if (pid == 0)
            live(made, sharers, threads);
        children[made] = pid;
        wait_count(made + 1);
    }
    tell_made("MMs", made, mms, pid);
    tell_cost("MM", made, before);
    return made;
}

/* Lets the first `sharers` of the MMs make their threads. */
static void make_threads(int made, int sharers, int wanted)
{
    struct memory before = {0, 0};
    int threads = 0;

    memory_read(&before);
    set_word(&shared->go);
    while (shared->done < sharers)
        sleep_ms(5);
    for (int i = 0; i < sharers; i++)
        threads += shared->threads[i];
    wait_count(made + threads);
    tell_made("threads", threads, wanted, shared->refused);
    tell_cost("thread", threads, before);
}

int main(int argc, char **argv)
{
    static long children[MOST];
    bool strict = take_word(&argc, argv, "strict");
    bool scarce = take_word(&argc, argv, "out");
    int right = 0;

    costs = take_word(&argc, argv, "costs");
    int mms = argc > 1 ? atoi(argv[1]) : 20;
    int wanted = argc > 2 ? atoi(argv[2]) : 40;
    int sharers = argc > 3 ? atoi(argv[3]) : 1;
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    area = mmap(NULL, SPREAD, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int made = make_mms(mms, sharers, wanted / sharers, children);
    make_threads(made, sharers < made ? sharers : made, wanted);
    set_word(&shared->end);
    for (int i = 0; i < made; i++) {
        int status = wait_for(children[i]);
        right += WIFEXITED(status) && WEXITSTATUS(status) == i % 100;
    }
    check("all have ended as they should", right == made);
    check("all have kept their pages", shared->bad == 0);
    if (scarce)
        check("memory was out, and that was said", !all_made && memory_out);
    return right != made || shared->bad || (strict && !all_made) ||
           (scarce && !memory_out);
}
