/* SPDX-License-Identifier: MIT */
/*
 * How much low memory the kernel takes for a process, a thread, and a shared
 * page: so many of each are made and live at the same time, and what is then
 * missing is divided among them. Page tables, kernel stacks and areas are
 * subtracted, wherever they lie: what remains are the structures, which lie in
 * low memory under every policy. The parent has set two handlers, as a shell
 * has, which its children inherit. The argument is how many (500).
 *
 * run: cpus=2 mem=128M options="lowmem=32M"
 */
#include "user/lib/check.h"
#include "user/lib/clock.h"
#include "user/lib/memory.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"
#include "user/lib/thread.h"

#define MOST        1000
#define STACK_BYTES 1024
#define STACK_KIB   8  /* kernel stack of a task */
#define AREA_BYTES  52 /* at most, in its slab */
#define NUMBER_KILL 9
#define READ_WRITE  3 /* PROT_READ, PROT_WRITE */

/* Bytes, in the release build; red zones and lock checks come on top. */
#define PROCESS_MOST (1024 + 1536)
#define THREAD_MOST  1536
#define OBJECT_MOST  192

struct state {
    int32_t low, slabs, tables, areas; /* bytes; areas: how many */
};

static int pids[MOST];
static struct thread threads[MOST];
static uint8_t stacks[MOST][STACK_BYTES] __attribute__((aligned(16)));
static uint32_t enough;

static bool policy_is(const struct abi_system *s, const char *policy)
{
    const char *at = s->policies;

    while (at && !string_begins(at, policy))
        at = (at = strchr(at, ' ')) ? at + 1 : NULL;
    return at;
}

static struct state state_now(void)
{
    struct abi_system s;
    struct abi_mm mm;
    struct state now = {0, 0, 0, 0};

    CHECK(query_row(QUERY_SETTLED, 0, &s, sizeof(s)));
    now.low = (int32_t)(s.frames_total_low - s.frames_free_low) * 4096;
    now.slabs = (int32_t)s.slab_bytes;
    for (uint32_t i = 0; query_row(QUERY_MMS, i, &mm, sizeof(mm)); i++) {
        now.areas += (int32_t)mm.areas;
        now.tables += (int32_t)mm.table_bytes_low;
    }
    return now;
}

/* What each of `count` took since `before`, printed and compared. */
static void report(const char *what, struct state before, uint32_t count,
                   bool stack, int32_t most)
{
    struct state now = state_now();
    struct abi_system s = system_read();
    bool debug = strcmp(s.build, "debug") == 0;
    int32_t tables = (now.tables - before.tables) / (int32_t)count;
    int32_t areas = (now.areas - before.areas) * AREA_BYTES / (int32_t)count;
    int32_t slabs = (now.slabs - before.slabs) / (int32_t)count;
    int32_t low = (now.low - before.low) / (int32_t)count;
    int32_t kernel_stack =
        stack && policy_is(&s, "kstack=lowmem") ? STACK_KIB * 1024 : 0;
    int32_t rest = low - slabs - tables - kernel_stack;

    printf("%-8s low %6d = tables %6d + stack %5d + slabs %5d "
           "(areas %4d) + others %5d\n",
           what, low, tables, kernel_stack, slabs, areas, rest);
    if (!debug)
        CHECK(slabs - areas + rest <= most);
}

/* Kernel stacks and slabs of those who have just ended go back, too. */
static struct state state_at_rest(void)
{
    check_frames_at_rest();
    return state_now();
}

static void wait_for_ever(void)
{
    for (;;)
        system_call(SYS_pause, (uint32_t[6]){0});
}

static void processes(uint32_t count)
{
    struct state before = state_at_rest();
    uint32_t made = 0;
    int status;

    while (made < count && (pids[made] = sys_fork()) > 0)
        made++;
    if (made < count && !pids[made])
        wait_for_ever();
    CHECK_EQUAL(made, count);
    clock_sleep(100 * MILLISECONDS);
    report("process", before, made, true, PROCESS_MOST);
    for (uint32_t i = 0; i < made; i++) {
        uint32_t arguments[6] = {(uint32_t)pids[i], NUMBER_KILL};
        CHECK_EQUAL(system_call(SYS_kill, arguments), 0);
        CHECK_EQUAL(sys_wait4(pids[i], &status, 0, NULL), pids[i]);
    }
}

static int thread_body(void *unused)
{
    (void)unused;
    while (!__atomic_load_n(&enough, __ATOMIC_ACQUIRE))
        clock_sleep(200 * MILLISECONDS);
    return 0;
}

static void many_threads(uint32_t count)
{
    struct state before;

    memset(stacks, 1, sizeof(stacks)); /* so that no fault takes a table */
    before = state_at_rest();
    for (uint32_t i = 0; i < count; i++)
        CHECK(thread_start(&threads[i], thread_body, NULL, stacks[i],
                           STACK_BYTES) > 0);
    report("thread", before, count, true, THREAD_MOST);
    __atomic_store_n(&enough, 1, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < count; i++)
        thread_wait(&threads[i]);
    threads_wait_gone();
}

static void shared_pages(uint32_t count)
{
    struct state before = state_at_rest();
    int32_t pages = 0;

    for (uint32_t i = 0; i < count; i++) {
        pages = sys_mmap2(0, 4096, READ_WRITE,
                          ABI_MAP_SHARED | ABI_MAP_ANONYMOUS, -1, 0);
        CHECK((uint32_t)pages < -4095u);
        *(volatile char *)pages = 1;
    }
    report("shared", before, count, false, OBJECT_MOST);
}

int main(int argc, char **argv)
{
    uint32_t count = 500;
    struct {
        uint32_t handler, flags, restorer, mask[2];
    } action = {(uint32_t)wait_for_ever, 0, 0, {0, 0}};

    if (argc > 1 && (!string_to_number(argv[1], &count) || count > MOST)) {
        printf("usage: footprint [COUNT]\n");
        return 2;
    }
    for (uint32_t number = 1; number <= 2; number++) {
        uint32_t arguments[6] = {number, (uint32_t)&action, 0, 8};
        CHECK_EQUAL(system_call(SYS_rt_sigaction, arguments), 0);
    }
    processes(count);
    many_threads(count);
    shared_pages(count);
    return check_result();
}
